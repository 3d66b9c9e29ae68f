// A form that is sent when a choice in it changes; its button is for those without JavaScript.
export default function autosubmit(form) {
  form.querySelectorAll("[data-without-script]").forEach((button) => { button.hidden = true; });
  form.addEventListener("change", (event) => {
    if (event.target.matches("select, input[type=checkbox], input[type=radio]")) form.requestSubmit();
  });
}
