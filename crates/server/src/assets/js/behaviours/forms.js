// Sends a form without leaving the page, and swaps what changed. A plain POST does the same.
import { bind } from "../bind.js";
import { page, say, sayEnded, sendForm } from "../http.js";
import { focusNear, placeOf } from "../keyboard.js";
import { swapParts } from "../morph.js";

export default function forms(form) {
  // In a text that grows with its lines Enter saves, as in every other field; with Shift it begins one.
  // Where several are expected it does what it says: a telephone has no Shift for it.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || !event.target.matches("textarea[rows='1']")) return;
    event.preventDefault();
    form.requestSubmit();
  });
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    const place = placeOf(document.activeElement);
    const url = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
    const body = new URLSearchParams(new FormData(form, event.submitter));
    try {
      await settle(form, { url, body, place }, await sendForm(url, body));
    } catch {
      say("The server did not answer. What you typed is still here: try again.", "alert");
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}

async function settle(form, sent, { response, html, signedOut }) {
  if (signedOut) return sayEnded();
  if (["stale", "proof"].includes(html.body.dataset.page)) return sendPlainly(sent);
  // Carried out, but where it leads lets this person in no more, such as a policy that they have saved.
  if (response.redirected && !response.ok) return location.assign(response.url);
  if (!response.ok) return refuse(form, html);
  if (html.body.dataset.page !== document.body.dataset.page) return location.assign(response.url);
  const details = form.closest("details[data-behaviour~=open-in-place], details[data-closes]");
  form.reset();
  if (details) close(details);
  // What the page was told meanwhile may have taken away what was pressed.
  const place = document.activeElement === document.body ? sent.place : placeOf(document.activeElement);
  finish(await asOpen(response, html), form, place, sent.url);
}

/** The entry that an undo brings back. */
function restored(url) {
  const id = url.match(/\/entries\/([\w-]+)\/restore$/)?.[1];
  return id ? document.querySelector(`li[id^="entry-${id}"]`) : null;
}

/** The answer may be this page at another address, such as Today while earlier days are open. */
async function asOpen(response, html) {
  const answered = new URL(response.url);
  // Not sent on: the answer itself is the page, such as a token that is shown this once.
  if (!response.redirected || answered.pathname !== location.pathname || answered.search === location.search) return html;
  const again = await page(location.href);
  if (!again.response.ok) return html;
  again.html.getElementById("toasts")?.replaceWith(html.getElementById("toasts"));
  return again.html;
}

/**
 * Both versions, or a fresh proof, need a page of their own; sent without us, what was sent leads there.
 * The form itself would forget which of its buttons was pressed.
 */
function sendPlainly({ url, body }) {
  const copy = document.createElement("form");
  copy.method = "post";
  copy.action = url;
  for (const [name, value] of body) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    copy.append(input);
  }
  document.body.append(copy);
  copy.submit();
}

function close(details) {
  const isInside = details.contains(document.activeElement);
  details.open = false;
  if (isInside) details.querySelector("summary").focus({ preventScroll: true });
}

function finish(html, form, place, url) {
  swapParts(html, form);
  form.dispatchEvent(new CustomEvent("timeproof:sent", { bubbles: true }));
  // What has to be read before the next press.
  const told = document.querySelector("[data-told]");
  if (told) told.focus();
  else if (document.activeElement === document.body) focusNear([restored(url), ...place]);
}

const words = (element) => element?.textContent.trim();

/** Refused: the same form comes back with its sentences, or the page has one sentence. */
function refuse(form, html) {
  const fresh = form.id ? html.getElementById(form.id) : null;
  if (!fresh) {
    // The heading comes first in the page, and says it only where nothing else does.
    const told = html.querySelector("[data-problem], [role=alert]:not([hidden])") ?? html.querySelector("h1");
    const more = told?.nextElementSibling?.closest("h1 + [data-problem]");
    const sentence = more ? `${words(told).replace(/\.$/, "")}: ${words(more)}` : words(told);
    return say(sentence || "That did not work. What you typed is still here.", "alert");
  }
  const copy = document.importNode(fresh, true);
  form.replaceWith(copy);
  bind(copy);
  (copy.querySelector("[aria-invalid=true]") ?? copy.querySelector("input:not([type=hidden]), textarea"))?.focus();
}
