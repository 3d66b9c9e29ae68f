// Asking the server: whole pages, of which parts are taken.

const partly = { "X-Timeproof-Part": "1" };

/** A page, and how it was reached. Rejects only when the server did not answer. */
export async function page(url, options = {}) {
  const response = await fetch(url, { ...options, headers: { ...partly, ...options.headers } });
  const text = await response.text();
  const isPage = response.headers.get("content-type")?.startsWith("text/html");
  const html = new DOMParser().parseFromString(isPage ? text : "", "text/html");
  return { response, html, signedOut: response.status === 401 || html.body?.dataset.page === "sign-in" };
}

/** Of the page; before a sign-in, of its form. */
export const csrf = () => document.querySelector("meta[name=csrf]")?.content ?? document.querySelector("input[name=csrf]")?.value ?? "";

/** A sentence in the corner, read aloud. */
export function say(text, kind = "status") {
  const toasts = document.getElementById("toasts");
  if (!toasts) return;
  const toast = document.createElement("div");
  toast.className = "toast";
  toast.setAttribute("role", kind);
  toast.textContent = text;
  toasts.replaceChildren(toast);
}

/** The session has ended: say so, and leave what was typed where it is. */
export function sayEnded() {
  const notice = document.getElementById("ended");
  if (notice) notice.hidden = false;
}

/** It goes on after all. */
export function unsayEnded() {
  const notice = document.getElementById("ended");
  if (notice) notice.hidden = true;
}

/** Sends a form; once more where its person has signed in again meanwhile, such as in another tab. */
export async function sendForm(url, body) {
  const answer = await page(url, { method: "POST", body });
  // Sent on, it was carried out: where it leads is refused, and it must not be sent twice.
  if (answer.response.redirected || answer.response.status !== 403 || !(await renew())) return answer;
  body.set("csrf", csrf());
  return page(url, { method: "POST", body });
}

/** Takes the token of a new session over, if it is the same person's; whether there was one. */
async function renew() {
  const { response, html } = await page(location.href);
  const fresh = html.querySelector("meta[name=csrf]")?.content;
  // After the dot is the mark of the person.
  const person = (token) => token.split(".")[1] ?? "";
  if (!response.ok || !fresh || fresh === csrf()) return false;
  if (!person(fresh) || person(fresh) !== person(csrf())) return false;
  document.querySelector("meta[name=csrf]").content = fresh;
  for (const input of document.querySelectorAll("input[name=csrf]")) input.value = fresh;
  unsayEnded();
  return true;
}
