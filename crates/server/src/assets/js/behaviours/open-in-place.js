// <details> whose form is fetched when it opens: data-url is the form's own page, data-part the
// form's id there. Without JavaScript the links inside lead to that page.
import { bind } from "../bind.js";
import { page, say, sayEnded } from "../http.js";
import { isChanged } from "../morph.js";

export default function openInPlace(details) {
  const slot = details.querySelector("[data-slot]");
  const links = [...slot.childNodes];

  // Closed and opened again at once, the browser tells of it in one event, whose states are both open:
  // each event begins anew, and only the last one's form is taken.
  let last = 0;
  details.addEventListener("toggle", async () => {
    const mine = ++last;
    slot.removeAttribute("data-keep");
    slot.replaceChildren(...links);
    if (!details.open) return;
    slot.setAttribute("data-keep", "");
    try {
      const { html, signedOut } = await page(details.dataset.url);
      if (mine !== last) return;
      if (signedOut) return sayEnded();
      const form = html.getElementById(details.dataset.part);
      if (!form) return;
      slot.replaceChildren(document.importNode(form, true));
      bind(slot);
      slot.querySelector("input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
    } catch {
      say("The server did not answer. Try again.", "alert");
    }
  });

  // What was typed goes only by a second word: closing throws it away.
  let isWarned = false;
  slot.addEventListener("input", () => { isWarned = false; });
  function mayClose() {
    const form = slot.querySelector("form");
    if (!form || isWarned || !isChanged(form)) return true;
    isWarned = true;
    say("What you typed is not saved. Once more closes it without.", "alert");
    return false;
  }

  details.querySelector("summary").addEventListener("click", (event) => {
    if (details.open && !mayClose()) event.preventDefault();
  });
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !details.open || !mayClose()) return;
    details.open = false;
    details.querySelector("summary").focus();
  });
}
