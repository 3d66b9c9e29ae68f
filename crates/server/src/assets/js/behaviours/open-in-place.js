// <details> whose form is fetched when it opens: data-url is the form's own page, data-part the
// form's id there. Without JavaScript the links inside lead to that page.
import { bind } from "../bind.js";
import { page, say, sayEnded } from "../http.js";

export default function openInPlace(details) {
  const slot = details.querySelector("[data-slot]");
  const links = [...slot.childNodes];

  details.addEventListener("toggle", async () => {
    if (!details.open) {
      slot.removeAttribute("data-keep");
      slot.replaceChildren(...links);
      return;
    }
    if (slot.hasAttribute("data-keep")) return;
    slot.setAttribute("data-keep", "");
    try {
      const { html, signedOut } = await page(details.dataset.url);
      if (signedOut) return sayEnded();
      const form = html.getElementById(details.dataset.part);
      if (!form || !details.open) return;
      slot.replaceChildren(document.importNode(form, true));
      bind(slot);
      slot.querySelector("input:not([type=hidden]), textarea, select")?.focus({ preventScroll: true });
    } catch {
      say("The server did not answer. Try again.", "alert");
    }
  });

  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || !details.open) return;
    details.open = false;
    details.querySelector("summary").focus();
  });
}
