// <details> as a menu: Escape, a click elsewhere or leaving it by keyboard closes it.
export default function menu(details) {
  const close = () => { details.open = false; };
  details.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !details.open) return;
    event.preventDefault();
    close();
    details.querySelector("summary").focus();
  });
  document.addEventListener("click", (event) => { if (!details.contains(event.target)) close(); });
  details.addEventListener("focusout", (event) => {
    if (event.relatedTarget && !details.contains(event.relatedTarget)) close();
  });
}
