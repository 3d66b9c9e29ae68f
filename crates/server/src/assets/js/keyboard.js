// Where the keyboard is, so that it does not fall out of a page that changes.

/** Where the keyboard was: the thing itself, else its neighbours, else what stands around it. */
export function placeOf(element) {
  const item = element?.closest("li[id]");
  return [element, item, item?.nextElementSibling, item?.previousElementSibling, element?.closest("section, main")];
}

/** The nearest of it that is still there gets the keyboard. */
export function focusNear(place) {
  const home = place.find((element) => element?.isConnected) ?? document.querySelector("main");
  const target = home.matches("a, button, input, summary") ? home : home.querySelector("summary, button, a") ?? home;
  target.focus({ preventScroll: true });
}
