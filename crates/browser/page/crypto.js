// SHA-2 and Ed25519: by the browser where it offers them, else by the noble libraries. A browser offers them only to
// pages it calls secure, which plain http is not.
//
// Both ways accept exactly what the Rust verifier accepts (ed25519-dalek's `verify_strict`): the encoded R must be equal,
// S must be reduced, and neither R nor the key may be of small order.

import { Point } from "./vendor/noble-ed25519.js";
import { sha256, sha512 } from "./vendor/sha2.js";
import { fromHex, toHex } from "./text.js";

const ORDER = Point.CURVE().n;

/** Encodings of the y of all points of small order, reduced or not; the sign bit is left out. */
const SMALL_ORDER = new Set([
  "0000000000000000000000000000000000000000000000000000000000000000",
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

function smallOrder(point) {
  const y = Uint8Array.from(point);
  y[31] &= 0x7f;
  return SMALL_ORDER.has(toHex(y));
}

const littleEndian = (bytes) => BigInt(`0x${toHex(Uint8Array.from(bytes).reverse())}`);

/** `a` times `one` plus `b` times `other`, bit by bit; noble's table for the base point takes longer than a whole visit. */
function both(a, one, b, other) {
  const sums = [null, one, other, one.add(other)];
  let sum = Point.ZERO;
  for (let bit = 255n; bit >= 0n; bit--) {
    sum = sum.double();
    const add = sums[Number(((a >> bit) & 1n) + 2n * ((b >> bit) & 1n))];
    if (add) sum = sum.add(add);
  }
  return sum;
}

/** Without the browser's help; works everywhere. */
export const pure = {
  name: "noble",
  async hash(algorithm, bytes) {
    return toHex(algorithm === "sha512" ? sha512(bytes) : sha256(bytes));
  },
  async verify(key, message, signature) {
    if (key.length !== 32 || signature.length !== 64) return false;
    const r = signature.subarray(0, 32);
    const s = littleEndian(signature.subarray(32));
    if (s >= ORDER || smallOrder(key) || smallOrder(r)) return false;
    let point;
    try {
      point = Point.fromBytes(key, true);
    } catch {
      return false;
    }
    const k = littleEndian(sha512(Uint8Array.of(...r, ...key, ...message))) % ORDER;
    const expected = both(s, Point.BASE, k, point.negate());
    return toHex(expected.toBytes()) === toHex(r);
  },
};

/** By the browser. */
export const native = {
  name: "WebCrypto",
  async hash(algorithm, bytes) {
    const name = algorithm === "sha512" ? "SHA-512" : "SHA-256";
    return toHex(new Uint8Array(await crypto.subtle.digest(name, bytes)));
  },
  async verify(key, message, signature) {
    if (key.length !== 32 || signature.length !== 64) return false;
    if (smallOrder(key) || smallOrder(signature.subarray(0, 32))) return false;
    try {
      const imported = await crypto.subtle.importKey("raw", key, "Ed25519", false, ["verify"]);
      return await crypto.subtle.verify("Ed25519", imported, signature, message);
    } catch {
      // A key that is no point of the curve.
      return false;
    }
  },
};

/** RFC 8032, 7.1, test 2: what a browser must be able to check before we rely on it. */
const KNOWN = {
  key: "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
  message: "72",
  signature:
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da" +
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
};

/** The browser's own if it gives the right answers to a known question, else ours. */
export async function best() {
  if (!globalThis.crypto?.subtle) return pure;
  const [key, message, signature] = [KNOWN.key, KNOWN.message, KNOWN.signature].map(fromHex);
  const right = await native.verify(key, message, signature);
  const wrong = await native.verify(key, Uint8Array.of(0x73), signature);
  return right && !wrong ? native : pure;
}
