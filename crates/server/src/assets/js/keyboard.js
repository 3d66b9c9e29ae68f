// Where the keyboard is, so that it does not fall out of a page that changes.

/** Where the keyboard is: the thing itself, else its neighbours, else what stands around it. */
export function placeOf(element) {
  const item = element?.closest("li[id]");
  return [element, item, item?.nextElementSibling, item?.previousElementSibling, element?.closest("section, article, main")];
}

/** The nearest of it that is still there gets the keyboard. */
export function focusNear(place) {
  const home = place.find((element) => element?.isConnected) ?? document.querySelector("main");
  const target = home.matches("a, button, input, summary") ? home : home.querySelector("summary, button, a") ?? home;
  if (target.tabIndex < 0) target.tabIndex = -1;
  target.focus({ preventScroll: true });
}
