// Says beside the field of a length what it means while it is typed: "= 1 h 30 min". The same reading
// as of the one-line entry; what is more than a length says nothing.
import { readLine } from "../reading.js";

export default function lengthEcho(input) {
  const echo = input.closest(".field").querySelector("[data-echo]");
  let asked = 0;
  let waiting = 0;

  async function ask() {
    const turn = ++asked;
    const text = input.value.trim();
    // On the day of the form: on days when the clock changes, a range is an hour more or less.
    const day = input.form.elements.day?.value ?? "";
    const line = `${text} ${day}`.trim();
    const reading = text ? await readLine(input.dataset.readUrl, { text: line }) : null;
    if (turn !== asked) return;
    const isLength = reading && !reading.problem && reading.duration_s !== null && !reading.note;
    echo.textContent = isLength ? reading.echo.split(" · ")[0] : "";
  }

  function clear() {
    asked += 1;
    clearTimeout(waiting);
    echo.textContent = "";
  }

  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 90); });
  input.form.addEventListener("reset", clear);
  input.form.elements.day?.addEventListener("change", ask);
}
