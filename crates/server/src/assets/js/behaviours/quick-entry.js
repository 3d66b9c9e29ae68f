// The one-line entry: says what a line means while it is typed and completes names.
// Posts {text, cursor} to data-read-url; arrows choose, Tab or Enter accept, Escape closes.
import { optionsBelow } from "../options.js";
import { readLine } from "../reading.js";

/** Positions of the server count characters, those of the browser UTF-16 units. */
const toCharacters = (text, units) => [...text.slice(0, units)].length;
const toUnits = (text, characters) => [...text].slice(0, characters).join("").length;

export default function quickEntry(form) {
  const input = form.querySelector("[role=combobox]");
  const echo = form.querySelector("[data-echo]");
  const label = form.querySelector("[data-label]");
  const offer = optionsBelow(input, form.querySelector("[role=listbox]"), accept);
  let asked = 0;
  let waiting = 0;

  function accept({ text, cursor }) {
    input.value = text;
    input.setSelectionRange(toUnits(text, cursor), toUnits(text, cursor));
    ask();
  }

  function show({ echo: said, target, unknown, problem, duration_s: seconds }) {
    const wrong = problem ?? (unknown.length ? `Not known yet: ${unknown.join(", ")}` : "");
    echo.textContent = wrong || [said, target].filter(Boolean).join(" · ");
    echo.classList.toggle("is-wrong", Boolean(problem));
    label.textContent = seconds == null ? label.dataset.label : label.dataset.add;
  }

  function clear() {
    echo.textContent = "";
    label.textContent = label.dataset.label;
    offer([]);
  }

  async function ask() {
    const turn = ++asked;
    const text = input.value;
    if (!text.trim()) return clear();
    const cursor = toCharacters(text, input.selectionStart ?? text.length);
    const reading = await readLine(form.dataset.readUrl, { text, cursor });
    if (turn !== asked || !reading) return;
    show(reading);
    offer(document.activeElement === input ? reading.completions : []);
  }

  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 90); });
  form.addEventListener("timeproof:sent", () => {
    asked += 1;
    clearTimeout(waiting);
    input.value = "";
    clear();
  });
}
