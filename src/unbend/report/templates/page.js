// The language: from the address, else from the last visit, else from the browser; switching keeps the place.
"use strict";
const buttons = /** @type {HTMLButtonElement[]} */ (Array.from(document.querySelectorAll("[data-language]")));
const codes = buttons.map((button) => button.dataset.language ?? "");

/** @param {string | null | undefined} wish */
function known(wish) {
  return codes.find((code) => wish && code.slice(0, 2) === wish.slice(0, 2).toLowerCase());
}

function remembered() {
  try { return localStorage.getItem("unbend-language"); } catch { return null; }
}

/** The block that the reader is looking at, and how far it is from the top. */
function place() {
  const blocks = Array.from(document.querySelectorAll("h1, nav, h2, .piece"));
  const visible = blocks.find((block) => block.getBoundingClientRect().bottom > 60);
  return { block: visible, top: visible ? visible.getBoundingClientRect().top : 0 };
}

/** @param {string} code */
function show(code) {
  document.documentElement.lang = code;
  for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.language === code));
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (document.querySelectorAll('a[href^="lab.html"]'))) {
    link.href = `${link.getAttribute("href")?.replace(/&lang=.*/, "")}&lang=${code.slice(0, 2)}`;
  }
}

for (const button of buttons) {
  button.addEventListener("click", () => {
    const before = place();
    show(button.dataset.language ?? codes[0]);
    if (before.block) scrollBy({ top: before.block.getBoundingClientRect().top - before.top, behavior: "instant" });
    try { localStorage.setItem("unbend-language", document.documentElement.lang); } catch { /* a page from a file may have no storage */ }
  });
}

show(known(new URLSearchParams(location.search).get("lang")) ?? known(remembered()) ?? known(navigator.language) ?? codes[0]);
