// A list that grows at its top while its page is open. Whoever is at the top sees what is new come in;
// further down nothing moves: a line says how much is new, and leads there.
export default function newer(list) {
  document.addEventListener("timeproof:fresh", ({ detail: page }) => {
    const fresh = page.getElementById(list.id);
    if (!fresh || !list.isConnected || list.getBoundingClientRect().top >= 0) return;
    const items = [...fresh.querySelectorAll("li[id]")];
    const count = items.filter((item) => !document.getElementById(item.id)).length;
    if (count) fresh.replaceWith(kept(list, items, count, count === items.length));
  });
}

/** The list as it is shown, with what is known anew of its events. */
function kept(list, items, count, isCut) {
  const copy = list.cloneNode(true);
  for (const item of items) copy.querySelector(`#${CSS.escape(item.id)}`)?.replaceWith(item);
  const line = copy.querySelector("[data-newer]");
  line.hidden = false;
  line.textContent = count === 1 ? "Show 1 new event" : `Show ${count}${isCut ? " or more" : ""} new events`;
  return copy;
}
