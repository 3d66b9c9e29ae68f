// Copies the text of the element named by data-copies.
export default function copy(button) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).textContent.trim());
    button.querySelector("[data-word]").textContent = "Copied";
  });
}
