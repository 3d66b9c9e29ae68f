// The one-line entry: says what a line means while it is typed and completes names.
// Posts {text, cursor} to data-read-url; arrows choose, Tab or Enter accept, Escape closes.
import { csrf } from "../http.js";

/** Positions of the server count characters, those of the browser UTF-16 units. */
const toCharacters = (text, units) => [...text.slice(0, units)].length;
const toUnits = (text, characters) => [...text].slice(0, characters).join("").length;

export default function quickEntry(form) {
  const input = form.querySelector("[role=combobox]");
  const list = form.querySelector("[role=listbox]");
  const echo = form.querySelector("[data-echo]");
  const label = form.querySelector("[data-label]");
  let offers = [];
  let active = -1;
  let asked = 0;
  let waiting = 0;

  function choose(index) {
    active = index;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[active].id);
  }

  function offer(completions) {
    offers = completions;
    list.replaceChildren(...offers.map((completion, index) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${index}`;
      option.setAttribute("role", "option");
      option.textContent = completion.label;
      option.addEventListener("mousedown", (event) => { event.preventDefault(); accept(index); });
      return option;
    }));
    list.hidden = offers.length === 0;
    input.setAttribute("aria-expanded", String(offers.length > 0));
    choose(-1);
  }

  function accept(index) {
    const { text, cursor } = offers[index];
    input.value = text;
    input.setSelectionRange(toUnits(text, cursor), toUnits(text, cursor));
    offer([]);
    ask();
  }

  function show(reading) {
    const wrong = reading.problem ?? (reading.unknown.length ? `Not known yet: ${reading.unknown.join(", ")}` : "");
    echo.textContent = wrong || [reading.echo, reading.target].filter(Boolean).join(" · ");
    echo.classList.toggle("is-wrong", Boolean(reading.problem));
    if (label) label.textContent = reading.duration_s == null ? label.dataset.label : label.dataset.add;
  }

  async function ask() {
    const turn = ++asked;
    const text = input.value;
    if (!text.trim()) {
      echo.textContent = "";
      if (label) label.textContent = label.dataset.label;
      return offer([]);
    }
    const body = JSON.stringify({ text, cursor: toCharacters(text, input.selectionStart ?? text.length) });
    const headers = { "Content-Type": "application/json", "X-CSRF-Token": csrf() };
    try {
      const response = await fetch(form.dataset.readUrl, { method: "POST", body, headers });
      if (turn !== asked || !response.ok) return;
      const reading = await response.json();
      show(reading);
      offer(document.activeElement === input ? reading.completions : []);
    } catch { /* Only an aid: the line can be sent without it. */ }
  }

  const soon = () => { clearTimeout(waiting); waiting = setTimeout(ask, 90); };
  input.addEventListener("input", soon);
  input.addEventListener("blur", () => offer([]));
  form.addEventListener("timeproof:sent", () => { asked += 1; clearTimeout(waiting); input.value = ""; ask(); });
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const last = offers.length - 1;
    const act = {
      ArrowDown: () => choose(active >= last ? 0 : active + 1),
      ArrowUp: () => choose(active <= 0 ? last : active - 1),
      Tab: () => !event.shiftKey && accept(Math.max(active, 0)),
      Enter: () => active >= 0 && accept(active),
      Escape: () => offer([]),
    }[event.key];
    if (act && act() !== false) event.preventDefault();
  });
}
