// The list below a combobox: options with a label, one of them active.

export function optionsBelow(input, list, accept) {
  let offers = [];
  let active = -1;

  function choose(index) {
    active = index;
    [...list.children].forEach((option, i) => option.setAttribute("aria-selected", String(i === active)));
    if (active < 0) input.removeAttribute("aria-activedescendant");
    else input.setAttribute("aria-activedescendant", list.children[active].id);
  }

  function show(fresh) {
    offers = fresh;
    list.replaceChildren(...offers.map((offer, index) => {
      const option = document.createElement("li");
      option.id = `${list.id}-${index}`;
      option.setAttribute("role", "option");
      option.textContent = offer.label;
      option.addEventListener("mousedown", (event) => { event.preventDefault(); take(index); });
      return option;
    }));
    list.hidden = offers.length === 0;
    input.setAttribute("aria-expanded", String(offers.length > 0));
    choose(-1);
  }

  function take(index) {
    const offer = offers[index];
    show([]);
    accept(offer);
  }

  input.addEventListener("blur", () => show([]));
  input.addEventListener("keydown", (event) => {
    if (list.hidden || event.isComposing) return;
    const last = offers.length - 1;
    const act = {
      ArrowDown: () => choose(active >= last ? 0 : active + 1),
      ArrowUp: () => choose(active <= 0 ? last : active - 1),
      Tab: () => !event.shiftKey && take(Math.max(active, 0)),
      Enter: () => active >= 0 && take(active),
      Escape: () => show([]),
    }[event.key];
    if (act && act() !== false) event.preventDefault();
  });
  return show;
}
