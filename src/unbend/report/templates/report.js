// Code is copied by its button; what is folded is unfolded for paper.
for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("button.copy"))) {
  const label = button.textContent;
  button.addEventListener("click", async () => {
    const code = button.dataset.of ? document.getElementById(button.dataset.of) : button.nextElementSibling;
    if (!code) return;
    try {
      await navigator.clipboard.writeText(code.textContent ?? "");
      button.textContent = button.dataset.done ?? label;
      setTimeout(() => { button.textContent = label; }, 1500);
    } catch { getSelection()?.selectAllChildren(code); /* where a page may not write to the clipboard, the reader can */ }
  });
}

addEventListener("beforeprint", () => {
  for (const folded of document.querySelectorAll("details")) folded.open = true;
});
