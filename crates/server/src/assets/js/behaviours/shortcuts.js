// Single keys: each stands on its element as data-key and is shown there in a <kbd>. They rest while
// somebody types, and can be switched off (WCAG 2.1.4) by the box [data-keys-switch].

const isTyping = (element) => element?.matches?.("input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]");
const areOn = () => localStorage.getItem("keys") !== "off";

function visible(key) {
  const found = [...document.querySelectorAll(`[data-key="${CSS.escape(key)}"]`)];
  return found.find((element) => element.checkVisibility?.() ?? element.offsetParent) ?? found[0];
}

function act(element) {
  if (element.matches("input")) {
    element.focus();
    element.select();
  } else if (element.matches("summary")) {
    element.parentElement.open = !element.parentElement.open;
    element.focus();
  } else if (element.matches("ul")) element.querySelector("button, a")?.focus();
  else element.click();
}

export default function shortcuts(body) {
  const box = document.querySelector("[data-keys-switch]");
  if (box) {
    box.checked = areOn();
    box.addEventListener("change", () => localStorage.setItem("keys", box.checked ? "on" : "off"));
  }
  body.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && event.target.matches("[data-key=n]") && !event.defaultPrevented) event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.defaultPrevented) return;
    if (!areOn() || isTyping(event.target)) return;
    const element = visible(event.key.toLowerCase());
    if (!element) return;
    event.preventDefault();
    act(element);
  });
}
