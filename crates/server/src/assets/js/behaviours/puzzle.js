// Does the work that is asked for before a password from an unknown browser is looked at, while somebody
// types it. Between two slices of it the page answers.
import { solvePart } from "../sha256.js";

const sliceMs = 12;

export default function puzzle(form) {
  const { puzzle: asked, numbers } = form.elements;
  const said = form.querySelector("[data-solving]");
  const parts = Number(asked.dataset.parts);
  const bits = Number(asked.dataset.bits);
  const seed = asked.value.slice(-24);
  const found = [];
  let next = 0;
  let isRunning = false;
  let waiting = null;

  function done() {
    numbers.value = found.join(",");
    said.hidden = true;
    if (waiting) form.requestSubmit(waiting.button);
  }

  function slice() {
    const until = performance.now() + sliceMs;
    while (found.length < parts && performance.now() < until) {
      const number = solvePart(seed, found.length, bits, next, next + 500);
      next = number === null ? next + 500 : 0;
      if (number !== null) found.push(number);
    }
    if (found.length < parts) setTimeout(slice);
    else done();
  }

  function run() {
    if (isRunning) return;
    isRunning = true;
    slice();
  }

  form.querySelector("[data-without-scripts]").hidden = true;
  form.addEventListener("focusin", run);
  form.addEventListener("submit", (event) => {
    const asksForCode = event.submitter?.value === "code";
    if (numbers.value || asksForCode) return;
    event.preventDefault();
    waiting = { button: event.submitter };
    said.textContent = "Your browser computes for a moment, then you go on.";
    said.hidden = false;
    run();
  });
}
