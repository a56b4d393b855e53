// Where a key is chosen to sign with: of the organisation's keys only those this browser keeps can be chosen here.

import { keysOf, obstacle } from "./key_store.js";
import { showOnly } from "./page.js";

const root = document.querySelector("[data-held-keys]");
const { organisation, absent } = root.dataset;

async function start() {
  if (await obstacle()) {
    return; // the page that signs says what this browser lacks, and the other ways
  }
  const here = new Set((await keysOf(organisation)).map((key) => key.kid));
  const select = root.querySelector("select");
  for (const option of select.options) {
    if (!here.has(option.value)) {
      option.disabled = true;
      option.textContent = `${option.textContent} (${absent})`;
    }
  }
  const chosen = select.selectedOptions[0];
  const held = chosen && !chosen.disabled ? chosen : [...select.options].find((option) => !option.disabled);
  if (held) {
    held.selected = true;
  }
  showOnly(root, held ? "choose" : "none");
}

start().catch(() => {}); // every key stays on offer, and the page that signs says which one is not here
