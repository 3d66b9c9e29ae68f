// Counts up from data-started-at (and data-base-s seconds before it) by the server's clock.
// data-format="hm" shows hours and minutes, "words" the same in words; data-title also shows it in the page's title,
// before the page's name and with the note behind it.

let offset = 0;
const clocks = new Set();

function readOffset() {
  const now = Date.parse(document.documentElement.dataset.now ?? "");
  if (!Number.isNaN(now)) offset = now - Date.now();
}

const two = (number) => String(number).padStart(2, "0");

function show(clock, now) {
  const started = Date.parse(clock.dataset.startedAt ?? "");
  if (Number.isNaN(started)) return;
  const total = Math.max(0, Math.floor((now - started) / 1000)) + Number(clock.dataset.baseS ?? 0);
  const hours = Math.floor(total / 3600);
  const minutes = `${hours}:${two(Math.floor(total / 60) % 60)}`;
  const text = {
    hm: minutes,
    words: [hours && `${hours} h`, total % 3600 > 59 && `${Math.floor(total / 60) % 60} min`].filter(Boolean).join(" ") || "0 min",
  }[clock.dataset.format] ?? `${minutes}:${two(total % 60)}`;
  if (clock.textContent !== text) clock.textContent = text;
  if (clock.dataset.title !== undefined) showTitle(minutes, clock.dataset.title);
}

const plainTitle = document.title;
function showTitle(minutes, note) {
  const title = [minutes, plainTitle, note].filter(Boolean).join(" · ");
  if (document.title !== title) document.title = title;
}

function showAll() {
  let titled = false;
  const now = Date.now() + offset;
  for (const clock of clocks) {
    if (!clock.isConnected) clocks.delete(clock);
    else {
      show(clock, now);
      titled ||= clock.dataset.title !== undefined && clock.dataset.startedAt;
    }
  }
  if (!titled && document.title !== plainTitle) document.title = plainTitle;
  return now;
}

function tick() {
  setTimeout(tick, 1000 - (showAll() % 1000) + 5);
}

readOffset();
document.addEventListener("timeproof:swapped", () => { readOffset(); showAll(); });
tick();

export default function runningClock(clock) {
  clocks.add(clock);
  show(clock, Date.now() + offset);
}
