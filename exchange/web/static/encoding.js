// Bytes and text: base64url, SHA-256, base58 and strict JSON. Nothing here knows what the bytes mean.

import { Refusal } from "./refusal.js";

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/** The ASCII (or UTF-8) bytes of a text. */
export function bytesOf(text) {
  return new TextEncoder().encode(text);
}

/** base64url without padding (RFC 7515 section 2). */
export function encodeBase64url(bytes) {
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** The bytes of a base64url text; only the one canonical spelling of them is read, else Refusal `encoding`. */
export function decodeBase64url(text) {
  let binary = "";
  try {
    binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  } catch {
    throw new Refusal("encoding");
  }
  const bytes = Uint8Array.from(binary, (sign) => sign.charCodeAt(0));
  if (encodeBase64url(bytes) !== text) {
    throw new Refusal("encoding");
  }
  return bytes;
}

/**
 * The value of UTF-8 JSON in its one compact spelling, else Refusal `json`.
 *
 * JSON.parse lets the last of two members of one name win, and takes several spellings of one value. Writing the
 * value again must give exactly the text that was read: then no second member was dropped on the way, and every
 * other reader of these bytes sees what this page shows.
 */
export function readJson(bytes) {
  let text = "";
  let value = null;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    value = JSON.parse(text);
  } catch {
    throw new Refusal("json");
  }
  if (JSON.stringify(value) !== text) {
    throw new Refusal("json");
  }
  return value;
}

/** Whether a value is a JSON object. */
export function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The base64url SHA-256 of a text's bytes. */
export async function digestOf(text) {
  return encodeBase64url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytesOf(text))));
}

/** base58btc, the alphabet of did:key. Leading zero bytes do not occur here. */
export function encodeBase58(bytes) {
  let number = bytes.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  let text = "";
  while (number > 0n) {
    text = BASE58[Number(number % 58n)] + text;
    number /= 58n;
  }
  return text;
}
