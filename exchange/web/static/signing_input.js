// Reads the very bytes that are to be signed, and refuses whatever is not exactly a dataset of this organisation
// under this key. What it returns comes from those bytes alone, never from the page around them.
//
// Text: `<header>.<payload>` in base64url (RFC 7515); disclosures as they will follow it (RFC 9901 section 4).

import { decodeBase64url, digestOf, isObject, readJson } from "./encoding.js";
import { didOf } from "./key_store.js";
import { Refusal } from "./refusal.js";

export const INDICATORS = ["resources", "water", "co2e", "energy", "waste"];
const SLICES = ["own", "upstream", "total"];

const MEMBERS = [
  "@context", "id", "type", "issuer", "validFrom", "validUntil", "credentialSchema", "credentialStatus",
  "credentialSubject", "_sd_alg",
];
const CONTEXT = "https://www.w3.org/ns/credentials/v2";
const TYPES = { product: "ProductDataset", organisation: "OrganisationDataset" };
const STATUS = { type: "BitstringStatusListEntry", statusPurpose: "revocation" };
const AMOUNT = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?$/;
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const INSTANT = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/;
const MIN_SALT = 22; // 128 bits in base64url

/**
 * What the bytes say, if they may be signed; else a Refusal.
 *
 * @param {string} text the signing input
 * @param {string[]} disclosures in their order
 * @param {{kid: string, organisation: string, kind: string, subject: string}} own the key at hand, the ids of whose
 *   and about what, and which kind of dataset: "product" or "organisation"
 */
export async function readSigningInput(text, disclosures, own) {
  const parts = text.split(".");
  require(parts.length === 2, "encoding");
  const [header, payload] = parts.map((part) => readJson(decodeBase64url(part)));
  checkHeader(header, own.kid);
  checkPayload(payload, own);
  const subject = await openedSubject(payload.credentialSubject, disclosures);
  checkSubject(subject, own);
  require(payload.issuer.name === subject.identity.organisation.name, "issuer");
  return { header, payload, subject };
}

function checkHeader(header, kid) {
  require(isObject(header) && hasExactly(header, ["alg", "typ", "cty", "kid"]), "header");
  require(header.typ === "vc+sd-jwt" && header.cty === "vc", "typ");
  require(header.alg === "EdDSA", "header");
  require(header.kid === kid, "kid");
}

function checkPayload(payload, own) {
  require(isObject(payload) && Object.keys(payload).every((name) => MEMBERS.includes(name)), "payload");
  require(Array.isArray(payload["@context"]) && payload["@context"][0] === CONTEXT, "payload");
  require(JSON.stringify(payload.type) === JSON.stringify(["VerifiableCredential", TYPES[own.kind]]), "payload");
  require(isObject(payload.issuer) && payload.issuer.id === didOf(own.kid), "issuer");
  require(matches(INSTANT, payload.validFrom), "payload");
  require(!("validUntil" in payload) || matches(INSTANT, payload.validUntil), "payload");
  const status = payload.credentialStatus ?? STATUS;
  require(isObject(status) && Object.keys(STATUS).every((name) => status[name] === STATUS[name]), "payload");
  require(payload._sd_alg === "sha-256", "digests");
  const subject = payload.credentialSubject;
  require(isObject(subject) && hasExactly(subject, ["id", "_sd"]), "open");
  require(own.kind !== "product" || subject.id === `urn:uuid:${own.subject}`, "product");
  require(subject.id === `urn:uuid:${own.subject}`, "organisation");
}

/** The subject with every group in its place; each digest must be one disclosure's, and each disclosure's be there. */
async function openedSubject(subject, disclosures) {
  const digests = subject._sd;
  require(Array.isArray(digests) && new Set(digests).size === digests.length, "digests");
  const groups = { id: subject.id };
  const computed = [];
  for (const disclosure of disclosures) {
    const array = readJson(decodeBase64url(disclosure));
    require(Array.isArray(array) && array.length === 3, "disclosure");
    const [salt, name, value] = array;
    require(typeof salt === "string" && salt.length >= MIN_SALT, "disclosure");
    require(typeof name === "string" && !Object.hasOwn(groups, name) && !name.startsWith("_"), "disclosure");
    groups[name] = value;
    computed.push(await digestOf(disclosure));
  }
  require(computed.every((digest) => digests.includes(digest)), "digest");
  require(digests.every((digest) => computed.includes(digest)), "hidden");
  return groups;
}

function checkSubject(subject, own) {
  const { identity, indicators = {} } = subject;
  require(isObject(identity) && identity.kind === own.kind && isObject(identity.organisation), "incomplete");
  require(identity.organisation.id === `urn:uuid:${own.organisation}`, "organisation");
  require(typeof identity.organisation.name === "string", "incomplete");
  require(isObject(identity.period), "incomplete");
  require([identity.period.start, identity.period.end].every(isDay), "incomplete");
  require(isObject(indicators), "incomplete");
  const check = { product: checkProduct, organisation: checkOrganisation }[own.kind];
  check(identity, indicators);
}

function checkOrganisation(identity, indicators) {
  require(typeof identity.standard_edition === "string", "incomplete");
  require(Object.values(indicators).every(isQuantity), "incomplete");
}

function checkProduct(identity, indicators) {
  require(isObject(identity.product) && typeof identity.product.name === "string", "incomplete");
  require(isQuantity(identity.declared_unit), "incomplete");
  require(Object.keys(indicators).every((name) => INDICATORS.includes(name)), "incomplete");
  for (const slices of Object.values(indicators)) {
    require(isObject(slices) && SLICES.every((name) => !(name in slices) || isQuantity(slices[name])), "incomplete");
  }
}

function isQuantity(value) {
  return isObject(value) && hasExactly(value, ["amount", "unit"]) && matches(AMOUNT, value.amount)
    && typeof value.unit === "string";
}

function matches(pattern, value) {
  return typeof value === "string" && pattern.test(value);
}

function isDay(value) {
  const date = new Date(matches(DAY, value) ? `${value}T00:00:00Z` : Number.NaN);
  return !Number.isNaN(date.valueOf()) && date.toISOString().startsWith(value); // no 31 February
}

function hasExactly(value, names) {
  const own = Object.keys(value);
  return own.length === names.length && names.every((name) => own.includes(name));
}

function require(holds, code) {
  if (!holds) {
    throw new Refusal(code);
  }
}
