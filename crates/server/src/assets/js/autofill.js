// Passkeys among what the browser offers for the field of the address, before anything is typed
// ("conditional" requests).

/** A question waits ten minutes for its answer; a tab that was left and comes back asks anew. */
const STALE_MS = 9 * 60_000;

/** `ask` brings the question, `send` takes the answer. Where browsers cannot, nothing happens. */
export function autofill(form, ask, send) {
  let current = null;
  let begun = 0;

  async function start() {
    if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
    stop();
    const mine = (current = new AbortController());
    begun = Date.now();
    try {
      const publicKey = await ask();
      if (mine.signal.aborted) return;
      const credential = await navigator.credentials.get({ mediation: "conditional", publicKey, signal: mine.signal });
      if (credential) send(credential);
    } catch {
      // Nobody has asked for it: the button says what is wrong.
    }
  }

  function stop() {
    current?.abort();
    current = null;
  }

  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - begun > STALE_MS) start();
  });
  start();
  return { start, stop };
}
