// Copies the text of the element named by data-copies, each line of a list on one of its own.
export default function copy(button) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copies).innerText.trim());
    button.querySelector("[data-word]").textContent = "Copied";
  });
}
