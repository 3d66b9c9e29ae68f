// A form that a passkey answers: asks the server for a question, has the device answer it, and sends the
// form with the answer. Without script, and where browsers know no passkeys, its button is not there.
import { autofill } from "../autofill.js";
import { answerOf, optionsOf } from "../webauthn.js";

const sentences = {
  AbortError: "",
  InvalidStateError: "This device has a passkey for you already. Use another device, or remove that one first.",
  NotAllowedError: "That was cancelled, or took too long. Nothing has happened.",
  NotSupportedError: "This device can make no passkey that is taken here.",
  SecurityError: "Passkeys do not work at this address.",
};

export default function passkey(form) {
  const button = form.querySelector("[data-asks]");
  const said = form.querySelector("[data-said]");
  const is = form.dataset.ceremony;
  const say = (text) => { said.textContent = text; said.hidden = !text; };
  form.querySelector("[data-without]").hidden = true;
  if (!globalThis.PublicKeyCredential) return say("This browser knows no passkeys.");
  button.hidden = false;
  const waiting = "conditional" in form.dataset ? autofill(form, question, send) : null;

  /** What the device is to be asked; a sentence where there is none. */
  async function question() {
    const body = new URLSearchParams({ csrf: form.elements.csrf.value });
    const headers = { "X-Timeproof-Part": "1" };
    const response = await fetch(form.dataset.options, { method: "POST", body, headers });
    const isJson = response.headers.get("content-type")?.startsWith("application/json");
    const answer = isJson ? await response.json() : {};
    if (response.ok && answer.publicKey) return optionsOf(answer.publicKey);
    throw new Error(answer.problem ?? "This page is out of date. Load it again, then try once more.");
  }

  /** Past the fields' own checks: they were made before the device was asked. */
  function send(credential) {
    form.elements.passkey.value = JSON.stringify(answerOf(credential));
    const remember = document.getElementById("remember");
    if (remember && form.elements.remember) form.elements.remember.value = remember.checked ? "true" : "";
    form.submit();
  }

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-busy") === "true") return;
    button.setAttribute("aria-busy", "true");
    say("");
    waiting?.stop();
    try {
      const publicKey = await question();
      send(await navigator.credentials[is]({ publicKey }));
    } catch (error) {
      say(sentences[error.name] ?? (error.name === "Error" ? error.message : "The server did not answer. Try again."));
      waiting?.start();
    } finally {
      button.removeAttribute("aria-busy");
    }
  });
}
