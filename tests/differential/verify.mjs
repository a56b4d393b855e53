// Reads one JSON object per line ({jwk, token}), writes per line what two other verifiers say: "ok" or the refusal.
import { createHash } from "node:crypto";
import { createInterface } from "node:readline";
import { SDJwtInstance } from "@sd-jwt/core";
import { compactVerify, importJWK } from "jose";

const ALGORITHMS = ["EdDSA", "Ed25519", "ES256"];
const hasher = (data) => createHash("sha256").update(data).digest();

async function byJose(token, key) {
  await compactVerify(token.split("~")[0], key, { algorithms: ALGORITHMS });
}

async function bySdJwt(token, key) {
  const verifier = async (data, signature) => {
    await compactVerify(`${data}.${signature}`, key, { algorithms: ALGORITHMS });
    return true;
  };
  await new SDJwtInstance({ verifier, hasher, hashAlg: "sha-256" }).verify(token);
}

async function answer(check, token, key) {
  try {
    await check(token, key);
    return "ok";
  } catch (error) {
    return String(error.code ?? error.message ?? error).slice(0, 80);
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  const { jwk, token } = JSON.parse(line);
  const key = await importJWK(jwk, jwk.kty === "EC" ? "ES256" : "EdDSA");
  const jose = await answer(byJose, token, key);
  const sdJwt = token.includes("~") ? await answer(bySdJwt, token, key) : jose;
  console.log(JSON.stringify({ jose, sdJwt }));
}
