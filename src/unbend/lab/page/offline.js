/** The page as one file, from the page itself: what the server added is left out, what is shown now is put in. */

/**
 * @param {Document} page as Python wrote it
 * @param {string} state as behind `#` in the address
 * @param {string} language
 */
export function offlineText(page, state, language) {
  const copy = /** @type {HTMLElement} */ (page.documentElement.cloneNode(true));
  const part = (/** @type {string} */ selector) => /** @type {HTMLElement} */ (copy.querySelector(selector));
  const policy = part('meta[http-equiv]');
  policy.setAttribute('content', String(policy.getAttribute('content')).replace("connect-src 'self'", "connect-src 'none'"));
  part('body').removeAttribute('style');
  part('#unbend-lab').replaceChildren();
  part('#state').textContent = JSON.stringify({ state, language, ask: null }).replaceAll('<', '\\u003c');
  return `<!doctype html>\n${copy.outerHTML}\n`;
}
