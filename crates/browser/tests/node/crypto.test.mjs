// Both ways of checking a signature: against the vectors of Wycheproof, and where implementations of Ed25519 differ, which
// only a signer can bring about who wants readers to disagree.
//
// CORPUS is the folder that `stentor-corpus write` makes.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

import { best, native, pure } from "../../page/crypto.js";
import { fromHex, utf8 } from "../../page/text.js";
import * as noble from "../../page/vendor/noble-ed25519.js";
import { sha512 } from "../../page/vendor/sha2.js";

noble.hashes.sha512 = sha512;

const vectors = JSON.parse(readFileSync(join(process.env.CORPUS, "wycheproof.json")));

for (const crypto of [native, pure]) {
  test(`Wycheproof: ${crypto.name}`, async () => {
    assert.ok(vectors.length >= 100, `only ${vectors.length}`);
    for (const { id, comment, public: key, message, signature, valid } of vectors) {
      const answer = await crypto.verify(fromHex(key), fromHex(message), fromHex(signature));
      assert.equal(answer, valid, `case ${id}: ${comment}`);
    }
  });

  test(`edge cases are decided as ed25519-dalek's verify_strict does: ${crypto.name}`, async () => {
    for (const { what, key, message, signature, strict } of edges()) {
      assert.equal(await crypto.verify(key, message, signature), strict, what);
    }
  });

  test(`hashes: ${crypto.name}`, async () => {
    const of = (algorithm, text) => crypto.hash(algorithm, utf8(text));
    assert.equal(await of("sha256", "abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    assert.equal(await of("sha256", "a".repeat(1_000_000)), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
    assert.match(await of("sha512", "abc"), /^ddaf35a193617abacc417349ae204131.*a54ca49f$/);
  });
}

test("noble's own strict check agrees where the vectors go", () => {
  for (const { id, public: key, message, signature, valid } of vectors) {
    const sig = fromHex(signature);
    const answer = sig.length === 64 && noble.verify(sig, fromHex(message), fromHex(key), { zip215: false });
    assert.equal(answer, valid, `case ${id}`);
  }
});

test("the browser's own is taken only where it answers rightly", async () => {
  assert.equal((await best()).name, "WebCrypto");
});

/** Signatures with points that have a part of small order, made from their definitions. */
function edges() {
  const { Point } = noble;
  const ORDER = Point.CURVE().n;
  const little = (bytes) => BigInt(`0x${Buffer.from(bytes).reverse().toString("hex")}`);
  const scalar = (n) => Uint8Array.from(Buffer.from(n.toString(16).padStart(64, "0"), "hex").reverse());
  const torsion = Point.fromHex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
  const [a, r] = [0x1234567890abcdefn, 0xfedcba0987654321n];
  const [A, R] = [a, r].map((n) => Point.BASE.multiply(n));
  const made = (what, keyPoint, noncePoint, message, strict, bend = (s) => s) => {
    const [key, nonce] = [keyPoint, noncePoint].map((point) => (point instanceof Uint8Array ? point : point.toBytes()));
    const k = little(sha512(Uint8Array.of(...nonce, ...key, ...message))) % ORDER;
    const signature = Uint8Array.of(...nonce, ...scalar(bend((r + k * a) % ORDER)));
    return { what, key, message, signature, strict: typeof strict === "function" ? strict(k) : strict };
  };
  const text = utf8("word");
  const cases = [
    made("honest", A, R, text, true),
    made("S not reduced", A, R, text, false, (s) => s + ORDER),
    made("R of mixed order", A, R.add(torsion), text, false),
    made("key and R of mixed order", A.add(torsion), R.add(torsion), text, false),
    made("no point of the curve", fromHex("02".padEnd(64, "0")), R, text, false),
  ];
  // A key of mixed order passes where the challenge happens to cancel its part of small order: for one message in eight.
  const mixed = Array.from({ length: 40 }, (_, i) => made(`key of mixed order ${i}`, A.add(torsion), R, utf8(`${i}`), (k) => k % 8n === 0n));
  assert.ok(mixed.some((c) => c.strict) && mixed.some((c) => !c.strict));
  // For a key of small order the equation says nothing about the message.
  const empty = Point.BASE.multiply(r);
  for (let i = 0n; i < 8n; i++) {
    const small = torsion.multiply(i === 0n ? 8n : i);
    for (let n = 0; n < 16; n++) {
      const message = utf8(`small ${n}`);
      cases.push({ what: `key of small order ${i}`, key: small.toBytes(), message, signature: Uint8Array.of(...empty.toBytes(), ...scalar(r)), strict: false });
    }
    cases.push(made(`R of small order ${i}`, A, small, text, false, (s) => (s - r + ORDER) % ORDER));
  }
  const other = (hex) => ({ what: `another form ${hex}`, key: fromHex(hex), message: text, signature: Uint8Array.of(...empty.toBytes(), ...scalar(r)), strict: false });
  const forms = ["ed" + "ff".repeat(30) + "7f", "ed" + "ff".repeat(31), "ee" + "ff".repeat(30) + "7f", "ee" + "ff".repeat(31), "01" + "00".repeat(30) + "80", "ec" + "ff".repeat(31)];
  return [...cases, ...mixed, ...forms.map(other)];
}
