// The pages on which a key is made in this browser and registered: /keys, and /keys/lost where it takes the place of
// one that is gone. The form itself is the server's; this script only fills in the public half and the proof.

import { forgetKey, freshKey, keysOf, obstacle, proofOf, publicJwk } from "./key_store.js";
import { isOwnAddress, once, say, sayNothing, showOnly } from "./page.js";

const root = document.querySelector("[data-browser-key]");
const { organisation, audience, now } = root.dataset;
const registered = new Set(words(root.dataset.registered)); // every key of the organisation that was ever bound
const ended = new Set(words(root.dataset.ended)); // those of them that sign nothing any more

function words(text) {
  return text.split(" ").filter(Boolean);
}

async function start() {
  if (!isOwnAddress(audience)) {
    showOnly(root, "elsewhere");
    return;
  }
  const reason = await obstacle();
  if (reason) {
    showOnly(root, reason);
    return;
  }
  const here = await liveKeys();
  for (const mark of document.querySelectorAll("[data-here]")) {
    mark.hidden = !here.has(mark.dataset.here);
  }
  for (const mark of document.querySelectorAll("[data-not-here]")) {
    mark.hidden = here.has(mark.dataset.notHere);
  }
  const isReplacing = root.dataset.browserKey === "replace";
  showOnly(root, !isReplacing && [...here].some((kid) => registered.has(kid)) ? "present" : "ready");
  const form = root.querySelector("form[data-key-form]");
  form.addEventListener("submit", once(() => register(form)));
}

/** Ids of the keys this browser keeps; one that was ended can never be used again and is taken out. */
async function liveKeys() {
  const kept = await keysOf(organisation);
  const gone = kept.filter((key) => ended.has(key.kid));
  await Promise.all(gone.map((key) => forgetKey(organisation, key.kid)));
  return new Set(kept.filter((key) => !ended.has(key.kid)).map((key) => key.kid));
}

async function register(form) {
  sayNothing(root);
  try {
    const key = await freshKey(organisation, registered);
    form.elements.namedItem("public_jwk").value = JSON.stringify(await publicJwk(key));
    form.elements.namedItem("proof").value = await proofOf(key, audience, exchangeSeconds());
    form.submit();
    await new Promise(() => {}); // the page is leaving: a second press does nothing
  } catch (error) {
    say(root, error);
  }
}

/** The exchange's time: a proof must be minutes old at most, and this computer's clock may be wrong. */
function exchangeSeconds() {
  return Math.floor(Number(now) + performance.now() / 1000);
}

start().catch((error) => say(root, error));
