// The key of this browser: made by WebCrypto so that no script can read it out, kept in IndexedDB.
//
// A record: {organisation, kid, publicKey, privateKey}. `extractable` is false for the private half: this or any
// other script of this origin can sign with it, but cannot copy it. Whoever clears the browser's data loses it.

import { bytesOf, encodeBase58, encodeBase64url } from "./encoding.js";
import { Refusal } from "./refusal.js";

const ALGORITHM = "Ed25519";
const DATABASE = "vcx";
const KEYS = "signing-keys";
const ED25519_MULTICODEC = [0xed, 0x01]; // did:key method section 3
const KEY_PROOF = "key-proof+jwt";

/** Why a key cannot be made or used here: "insecure", "unsupported", or "" when it can. */
export async function obstacle() {
  if (!window.isSecureContext) {
    return "insecure";
  }
  try {
    await newKeyPair();
    (await open()).close();
  } catch {
    return "unsupported";
  }
  return "";
}

/** The keys this browser keeps for an organisation, each with the key id worked out from its public half. */
export async function keysOf(organisation) {
  const database = await open();
  try {
    const store = database.transaction(KEYS).objectStore(KEYS);
    const records = await done(store.getAll(IDBKeyRange.bound([organisation], [organisation, []])));
    return await Promise.all(records.map(async (record) => ({ ...record, kid: await kidOf(record.publicKey) })));
  } finally {
    database.close();
  }
}

/**
 * A key of this organisation that nobody has registered yet: the one an earlier try or another tab left, else new.
 *
 * Looking and keeping are one transaction, so that two tabs that ask at once get the same key.
 *
 * @param {string} organisation its id
 * @param {Set<string>} registered ids of the keys the exchange knows already
 */
export async function freshKey(organisation, registered) {
  await navigator.storage?.persist?.().catch(() => false);
  const pair = await newKeyPair();
  const made = { organisation, kid: await kidOf(pair.publicKey), ...pair };
  const database = await open();
  try {
    const transaction = database.transaction(KEYS, "readwrite");
    const store = transaction.objectStore(KEYS);
    const kept = await done(store.getAll(IDBKeyRange.bound([organisation], [organisation, []])));
    const waiting = kept.find((record) => !registered.has(record.kid));
    if (waiting === undefined) {
      store.add(made);
    }
    await finished(transaction);
    return waiting ?? made;
  } finally {
    database.close();
  }
}

/** Take a key out of this browser for good. */
export async function forgetKey(organisation, kid) {
  const database = await open();
  try {
    const transaction = database.transaction(KEYS, "readwrite");
    transaction.objectStore(KEYS).delete([organisation, kid]);
    await finished(transaction);
  } finally {
    database.close();
  }
}

/** The public half as a JWK with exactly the required members (RFC 8037 section 2). */
export async function publicJwk(key) {
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", key.publicKey));
  return { crv: ALGORITHM, kty: "OKP", x: encodeBase64url(raw) };
}

/** The signature over a text's bytes; Refusal `signature` unless the public half confirms it. */
export async function sign(key, text) {
  const bytes = bytesOf(text);
  const signature = await crypto.subtle.sign(ALGORITHM, key.privateKey, bytes);
  if (!(await crypto.subtle.verify(ALGORITHM, key.publicKey, signature, bytes))) {
    throw new Refusal("signature");
  }
  return encodeBase64url(new Uint8Array(signature));
}

/** Proof that this browser holds the key: a JWS for one exchange, one organisation and this moment (seconds). */
export async function proofOf(key, audience, seconds) {
  const header = { alg: "EdDSA", typ: KEY_PROOF, cty: "vc", kid: key.kid };
  const payload = { aud: audience, organisation: key.organisation, iat: seconds };
  const text = [header, payload].map((part) => encodeBase64url(bytesOf(JSON.stringify(part)))).join(".");
  return `${text}.${await sign(key, text)}`;
}

/** The did:key of a key id: what stands before the #. */
export function didOf(kid) {
  return kid.split("#")[0];
}

async function kidOf(publicKey) {
  const raw = new Uint8Array(await crypto.subtle.exportKey("raw", publicKey));
  const multibase = `z${encodeBase58(Uint8Array.from([...ED25519_MULTICODEC, ...raw]))}`;
  return `did:key:${multibase}#${multibase}`;
}

async function newKeyPair() {
  const { publicKey, privateKey } = await crypto.subtle.generateKey(ALGORITHM, false, ["sign", "verify"]);
  return { publicKey, privateKey };
}

function open() {
  const request = indexedDB.open(DATABASE, 1);
  request.onupgradeneeded = () => request.result.createObjectStore(KEYS, { keyPath: ["organisation", "kid"] });
  return done(request);
}

function done(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

function finished(transaction) {
  return new Promise((resolve, reject) => {
    transaction.oncomplete = () => resolve();
    transaction.onabort = () => reject(transaction.error);
    transaction.onerror = () => reject(transaction.error);
  });
}
