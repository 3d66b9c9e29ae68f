// A form that is sent when a choice in it is made. By keyboard its button sends it, or Enter: a closed list changes
// with each arrow, and whoever looks for the third choice is not taken away at the first.
export default function autosubmit(form) {
  let isByKey = false;
  form.addEventListener("keydown", () => { isByKey = true; });
  form.addEventListener("pointerdown", () => { isByKey = false; });
  form.addEventListener("change", ({ target }) => {
    if (target.matches("select") ? !isByKey : target.matches("input[type=checkbox], input[type=radio]")) form.requestSubmit();
  });
}
