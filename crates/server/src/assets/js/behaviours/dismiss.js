// Takes away the toast around it.
export default function dismiss(button) {
  button.hidden = false;
  button.addEventListener("click", () => button.closest(".toast, .notice").remove());
}
