// The page on which a dataset is signed: it reads the bytes itself, shows what they say, and signs when told to.

import { keysOf, obstacle, sign } from "./key_store.js";
import { showFacts } from "./facts.js";
import { isOwnAddress, language, once, say, sayNothing, sentence, showOnly } from "./page.js";
import { Refusal } from "./refusal.js";
import { readSigningInput } from "./signing_input.js";

const root = document.querySelector("[data-browser-signing]");
const { organisation, kid, text, audience, publish } = root.dataset;
const disclosures = root.dataset.disclosures.split("~").slice(0, -1);

/** Of which kind and about what the bytes must be: as the address says, not as the page says. */
function expected() {
  const product = location.pathname.match(/\/products\/([^/]+)\/publish\/sign$/);
  return product ? { kind: "product", subject: product[1] } : { kind: "organisation", subject: organisation };
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
  const key = (await keysOf(organisation)).find((one) => one.kid === kid);
  if (key === undefined) {
    showOnly(root, "absent");
    return;
  }
  try {
    const read = await readSigningInput(text, disclosures, { kid: key.kid, organisation, ...expected() });
    showFacts(root.querySelector("[data-facts]"), read, language);
  } catch (error) {
    refuse(error);
    return;
  }
  showOnly(root, "ready");
  root.querySelector("[data-sign]").addEventListener("click", once(() => signAndPublish(key)));
}

function refuse(error) {
  showOnly(root, "refused");
  const code = error instanceof Refusal ? error.code : "failed";
  root.querySelector("[data-refusal]").textContent = sentence(root, code);
}

async function signAndPublish(key) {
  sayNothing(root);
  try {
    const token = [`${text}.${await sign(key, text)}`, ...disclosures, ""].join("~");
    await send(token);
  } catch (error) {
    say(root, error instanceof TypeError ? new Refusal("offline") : error);
  }
}

/** Publish the token; where the exchange refuses it, its own sentences are shown and one may press again. */
async function send(token) {
  const headers = { "Content-Type": "application/vc+sd-jwt" };
  const answer = await fetch(publish, { method: "POST", headers, body: token, redirect: "manual" });
  if (answer.type === "opaqueredirect") {
    throw new Refusal("session");
  }
  if (answer.status === 413) {
    throw new Refusal("too-large");
  }
  if (!(answer.headers.get("Content-Type") ?? "").startsWith("application/json")) {
    throw new Refusal("failed");
  }
  const said = await answer.json();
  if (answer.status !== 201) {
    showProblems(said.problems);
    throw new Refusal("not-published");
  }
  location.assign(new URL(said.location, location.origin));
  await new Promise(() => {}); // the page is leaving: a second press does nothing
}

function showProblems(problems) {
  const items = problems.map((problem) => {
    const item = document.createElement("li");
    item.textContent = problem.text;
    if (problem.language) {
      item.lang = problem.language;
    }
    return item;
  });
  root.querySelector("[data-problems]").replaceChildren(...items);
}

start().catch((error) => say(root, error));
