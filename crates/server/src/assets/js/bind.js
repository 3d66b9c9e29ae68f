// Gives elements with data-behaviour="a b" their behaviours, each once.
import autosubmit from "./behaviours/autosubmit.js";
import copy from "./behaviours/copy.js";
import dismiss from "./behaviours/dismiss.js";
import forms from "./behaviours/forms.js";
import lengthEcho from "./behaviours/length-echo.js";
import live from "./behaviours/live.js";
import menu from "./behaviours/menu.js";
import newer from "./behaviours/newer.js";
import openInPlace from "./behaviours/open-in-place.js";
import passkey from "./behaviours/passkey.js";
import passwordMeter from "./behaviours/password-meter.js";
import puzzle from "./behaviours/puzzle.js";
import quickEntry from "./behaviours/quick-entry.js";
import runningClock from "./behaviours/running-clock.js";
import saveText from "./behaviours/save-text.js";
import shortcuts from "./behaviours/shortcuts.js";
import showPassword from "./behaviours/show-password.js";
import taskOfProject from "./behaviours/task-of-project.js";
import zoneOfBrowser from "./behaviours/zone-of-browser.js";
import { note } from "./served.js";

const behaviours = {
  autosubmit, copy, dismiss, forms, live, menu, newer, passkey, puzzle, shortcuts,
  "length-echo": lengthEcho,
  "open-in-place": openInPlace,
  "password-meter": passwordMeter,
  "quick-entry": quickEntry,
  "running-clock": runningClock,
  "save-text": saveText,
  "show-password": showPassword,
  "task-of-project": taskOfProject,
  "zone-of-browser": zoneOfBrowser,
};
const bound = new WeakMap();

export function bind(root) {
  note(root);
  const own = root instanceof Element && root.matches("[data-behaviour]") ? [root] : [];
  for (const element of [...own, ...root.querySelectorAll("[data-behaviour]")]) {
    const names = bound.get(element) ?? new Set();
    bound.set(element, names);
    for (const name of element.dataset.behaviour.split(" ")) {
      if (names.has(name)) continue;
      names.add(name);
      behaviours[name]?.(element);
    }
  }
}
