// Keeps a page up to date: the stream at data-live-url says `change`, the page is asked for again
// and its parts are swapped. Closed in hidden tabs. `ended`: the session is over. What a page asks for
// by itself is marked, since it is no sign of a person: an idle session ends all the same. A page without a
// stream stays as it is.
import { page, sayEnded } from "../http.js";
import { focusNear, placeOf } from "../keyboard.js";
import { swapParts } from "../morph.js";

export default function live(body) {
  let source = null;
  let waiting = 0;
  let stale = false;

  async function refresh() {
    waiting = 0;
    try {
      const { response, html, signedOut } = await page(location.href, { headers: { "X-Timeproof-Live": "1" } });
      if (signedOut) return end();
      if (!response.ok || html.body.dataset.page !== body.dataset.page) return;
      // What is shown only once stays until the person goes on.
      if (document.querySelector("[data-once]")) html.querySelector("main").remove();
      const focused = document.activeElement;
      const place = placeOf(focused);
      swapParts(html);
      // What had the keyboard is gone; a form that is on its way finds a place itself.
      if (!focused?.isConnected && !document.querySelector("[aria-busy=true]")) focusNear(place);
    } catch {
      stale = true; // The server is away; the stream will come back before we ask again.
    }
  }

  // Several changes at once are one swap.
  const soon = () => { waiting ||= setTimeout(refresh, 60); };

  function end() {
    source?.close();
    source = null;
    // Where nothing may stay on the screen, and nothing was typed.
    if (body.dataset.endedUrl) location.assign(body.dataset.endedUrl);
    else sayEnded();
  }

  function open() {
    if (source || document.hidden || !body.dataset.liveUrl) return;
    source = new EventSource(body.dataset.liveUrl);
    source.addEventListener("change", soon);
    source.addEventListener("ended", end);
    source.addEventListener("open", () => { if (stale) { stale = false; soon(); } });
    source.addEventListener("error", () => {
      stale = true;
      // Refused rather than cut: ask for the page, which says why, and try again later.
      if (source?.readyState === EventSource.CLOSED) {
        source = null;
        refresh();
        setTimeout(open, 5000);
      }
    });
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      source?.close();
      source = null;
      stale = true;
    } else open();
  });
  addEventListener("pagehide", () => { source?.close(); source = null; });
  addEventListener("pageshow", (event) => { if (event.persisted) { stale = true; open(); } });
  document.addEventListener("timeproof:refresh", soon);
  open();
}
