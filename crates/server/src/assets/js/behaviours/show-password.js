// Shows a password while its button is pressed, and hides it again before it is sent: what browsers keep
// of a form's texts must not be one.
export default function showPassword(button) {
  const input = document.getElementById(button.getAttribute("aria-controls"));

  function show(isShown) {
    input.type = isShown ? "text" : "password";
    button.setAttribute("aria-pressed", String(isShown));
  }

  button.hidden = false;
  button.addEventListener("click", () => { show(input.type === "password"); input.focus(); });
  input.form.addEventListener("submit", () => show(false));
}
