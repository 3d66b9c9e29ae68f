// Sends a form without leaving the page, and swaps what changed. A plain POST does the same.
import { bind } from "../bind.js";
import { page, say, sayEnded } from "../http.js";
import { swapParts } from "../morph.js";

export default function forms(form) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (form.getAttribute("aria-busy") === "true") return;
    form.setAttribute("aria-busy", "true");
    const url = event.submitter?.getAttribute("formaction") ?? form.getAttribute("action");
    const body = new URLSearchParams(new FormData(form, event.submitter));
    try {
      settle(form, await page(url, { method: "POST", body }));
    } catch {
      say("The server did not answer. What you typed is still here: try again.", "alert");
    } finally {
      form.removeAttribute("aria-busy");
    }
  });
}

async function settle(form, { response, html, signedOut }) {
  if (signedOut) return sayEnded();
  if (!response.ok) return refuse(form, html);
  if (html.body.dataset.page !== document.body.dataset.page) return location.assign(response.url);
  const details = form.closest("details[data-behaviour~=open-in-place], details[data-closes]");
  form.reset();
  if (details) close(details);
  const place = placeOf(document.activeElement);
  // The answer may be the same page at another address, such as Today while an earlier week is open.
  const here = new URL(response.url).pathname + new URL(response.url).search === location.pathname + location.search;
  const toasts = html.getElementById("toasts");
  if (!here && location.pathname === new URL(response.url).pathname) {
    const again = await page(location.href);
    if (again.response.ok) {
      again.html.getElementById("toasts")?.replaceWith(toasts);
      return finish(again.html, form, place);
    }
  }
  finish(html, form, place);
}

function close(details) {
  const isInside = details.contains(document.activeElement);
  details.open = false;
  if (isInside) details.querySelector("summary").focus({ preventScroll: true });
}

function finish(html, form, place) {
  swapParts(html, form);
  form.dispatchEvent(new CustomEvent("timeproof:sent", { bubbles: true }));
  if (document.activeElement === document.body) focus(place);
}

/** Where the keyboard was: the thing itself, else what stands around it. */
const placeOf = (element) => [element, element?.closest("li[id]"), element?.closest("section, main")];

function focus(place) {
  const home = place.find((element) => element?.isConnected) ?? document.querySelector("main");
  const target = home.matches("a, button, input, summary") ? home : home.querySelector("summary, button, a") ?? home;
  target.focus({ preventScroll: true });
}

/** Refused: the same form comes back with its sentences, or the page has one sentence. */
function refuse(form, html) {
  const fresh = form.id ? html.getElementById(form.id) : null;
  if (!fresh) {
    const sentence = html.querySelector("[data-problem], [role=alert], h1")?.textContent.trim();
    return say(sentence || "That did not work. What you typed is still here.", "alert");
  }
  const copy = document.importNode(fresh, true);
  form.replaceWith(copy);
  bind(copy);
  (copy.querySelector("[aria-invalid=true]") ?? copy.querySelector("input:not([type=hidden])"))?.focus();
}
