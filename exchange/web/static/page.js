// The little the two scripts share about their pages: parts that are shown or hidden, and the page's sentences.

import { Refusal } from "./refusal.js";

/** The page's language. */
export const language = document.documentElement.lang === "da" ? "da" : "en";

/** Show the parts of these names (`data-part`) and hide the other ones. */
export function showOnly(root, ...names) {
  for (const part of root.querySelectorAll("[data-part]")) {
    part.hidden = !names.includes(part.dataset.part);
  }
}

/** The page's sentence for a code; what nobody foresaw has a sentence too. */
export function sentence(root, code) {
  const all = root.querySelector("template[data-sentences]").content;
  const found = all.querySelector(`[data-sentence="${CSS.escape(code)}"]`);
  return (found ?? all.querySelector('[data-sentence="failed"]')).textContent.trim();
}

/** Why an act failed, in the page's words, and the keyboard's focus on it. */
export function say(root, error) {
  const place = root.querySelector("[data-problem]");
  place.querySelector("[data-says]").textContent = sentence(root, error instanceof Refusal ? error.code : "failed");
  place.hidden = false;
  place.focus();
}

/** Nothing to say any more. */
export function sayNothing(root) {
  root.querySelector("[data-problem]").hidden = true;
}

/** Whether the address the person sees is the one the exchange is known under: a key belongs to one address. */
export function isOwnAddress(audience) {
  return location.origin === new URL(audience).origin;
}

/** Run `act` once at a time: what is pressed twice is done once. */
export function once(act) {
  let running = false;
  return async (event) => {
    event.preventDefault();
    if (running) {
      return;
    }
    running = true;
    try {
      await act(event);
    } finally {
      running = false;
    }
  };
}
