// Turns the parts of a page into those of a newer copy of it, touching only what the server has changed, so
// that focus, typed text, loaded forms, open <details> and what behaviours have set up stay.
import { bind } from "./bind.js";
import { unsayEnded } from "./http.js";
import { takeOver } from "./served.js";

/** Swaps every part ([data-live-part]) that both pages have. `sent` is a form whose text may go. */
export function swapParts(page, sent) {
  const focused = document.activeElement;
  document.dispatchEvent(new CustomEvent("timeproof:fresh", { detail: page }));
  for (const fresh of page.querySelectorAll("[data-live-part]")) {
    const name = CSS.escape(fresh.dataset.livePart);
    const old = document.querySelector(`[data-live-part="${name}"]`);
    // A page asked for again has nothing to tell: what was told, with its undo, stays.
    const isSilent = fresh.id === "toasts" && !fresh.children.length;
    if (old && !isSilent) morph(old, fresh, sent);
  }
  // An element that moves loses the focus.
  if (focused?.isConnected && document.activeElement !== focused) focused.focus({ preventScroll: true });
  document.documentElement.dataset.now = page.documentElement.dataset.now ?? "";
  unsayEnded();
  bind(document);
  document.dispatchEvent(new CustomEvent("timeproof:swapped"));
}

export function morph(old, fresh, sent) {
  if (old.nodeType !== Node.ELEMENT_NODE) {
    if (old.data !== fresh.data) old.data = fresh.data;
    return;
  }
  if (old.matches("[data-keep]") || (old.matches("form") && old !== sent && isInUse(old))) return;
  takeOver(old, fresh);
  children(old, fresh, sent);
}

/** Whether somebody is typing in it, or has changed it. */
export function isInUse(form) {
  const typing = document.activeElement?.matches("input:not([type=submit]), select, textarea");
  return (typing && form.contains(document.activeElement)) || isChanged(form);
}

/** Whether it holds anything that is not saved. */
export function isChanged(form) {
  const changed = (control) => {
    if (control.matches("select")) return isChosen(control);
    if (control.matches("[type=checkbox], [type=radio]")) return control.checked !== control.defaultChecked;
    return control.matches("input:not([type=hidden]), textarea") && control.value !== control.defaultValue;
  };
  return [...form.elements].some(changed);
}

function isChosen(select) {
  const set = [...select.options].find((option) => option.defaultSelected);
  return set ? !set.selected : select.selectedIndex > 0;
}

function children(old, fresh, sent) {
  const keyed = new Map([...old.children].filter((c) => c.id).map((c) => [c.id, c]));
  let next = old.firstChild;
  for (const child of [...fresh.childNodes]) {
    let match = child.id ? keyed.get(child.id) : next;
    while (!child.id && match && (match.id || match.nodeName !== child.nodeName)) match = match.nextSibling;
    if (match && match.nodeName === child.nodeName) {
      if (match === next) next = next.nextSibling;
      else old.insertBefore(match, next);
      morph(match, child, sent);
    } else {
      old.insertBefore(document.importNode(child, true), next);
    }
  }
  while (next) {
    const gone = next;
    next = next.nextSibling;
    // Text that was typed into something that is gone meanwhile stays, to be saved elsewhere.
    const form = gone.querySelector?.("form[data-typed]") ?? null;
    if (!form || form === sent || !isInUse(form)) gone.remove();
  }
}
