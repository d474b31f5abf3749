/** style.js is made of style.css when the modules are linked. */
export const STYLE: string;
