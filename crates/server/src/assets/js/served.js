// What the server has sent of each element. Of a newer copy of the page this tells what the server has
// changed, so that what a behaviour has set up stays as it is.

const served = new WeakMap();

const attributesOf = (element) => new Map([...element.attributes].map(({ name, value }) => [name, value]));

/** Notes what came, before a behaviour touches it; only of the parts that newer copies are taken of. */
export function note(root) {
  const all = root.querySelectorAll("[data-live-part], [data-live-part] *");
  const own = root instanceof Element && root.closest("[data-live-part]") ? [root] : [];
  for (const element of [...own, ...all]) if (!served.has(element)) served.set(element, attributesOf(element));
}

/** Takes the attributes over that the server has changed. */
export function takeOver(old, fresh) {
  const now = attributesOf(fresh);
  const before = served.get(old) ?? attributesOf(old);
  for (const name of new Set([...before.keys(), ...now.keys()])) {
    if (before.get(name) === now.get(name) || isOfPerson(old, name)) continue;
    if (now.has(name)) old.setAttribute(name, now.get(name));
    else old.removeAttribute(name);
  }
  served.set(old, now);
}

/** Whether something stands open is the person's alone. */
const isOfPerson = (element, name) => name === "open" && element.matches("details");
