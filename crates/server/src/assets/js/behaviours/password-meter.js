// Says how good a password is while it is typed: the server knows what is tried first. Only an aid: what
// is refused is refused when it is sent.
import { csrf } from "../http.js";

const colours = ["weak", "weak", "fair", "strong", "strong"];
const words = ["Guessed at once", "Weak", "Not strong", "Strong", "Very strong"];

async function rate(url, password, email) {
  const headers = { "X-CSRF-Token": csrf() };
  try {
    const body = new URLSearchParams({ new_password: password, email });
    const response = await fetch(url, { method: "POST", body, headers });
    return response.ok ? await response.json() : null;
  } catch {
    return null;
  }
}

export default function passwordMeter(input) {
  const meter = document.getElementById(input.dataset.meter);
  const fill = meter.querySelector("[data-fill]");
  const said = meter.querySelector("[data-words]");
  let asked = 0;
  let waiting = 0;

  async function ask() {
    const turn = ++asked;
    // At the door nobody is signed in: whose password it is stands in the form.
    const email = input.form.elements.email?.value ?? "";
    const rating = input.value ? await rate(input.dataset.readUrl, input.value, email) : null;
    if (turn !== asked) return;
    meter.hidden = !rating;
    if (!rating) return;
    // However long it took to guess, what is refused is not good.
    meter.dataset.strength = rating.refusal ? "weak" : colours[rating.strength];
    fill.setAttribute("width", String(Math.max(rating.strength * 25, 4)));
    const sentence = rating.refusal || [`${words[rating.strength]}.`, rating.advice].join(" ").trim();
    // Read aloud once it changes, and not at every key.
    if (said.textContent !== sentence) said.textContent = sentence;
  }

  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 250); });
}
