// A publisher for these tests: keys from fixed seeds, one word at a time, as files by path. The corpus is the judge of
// verdicts; this makes words that are fresh at the clock of a real browser.

import { createHash, createPrivateKey, createPublicKey, sign } from "node:crypto";

import { canonical, parse } from "../../page/json.js";

export const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");
const bytesOf = (value) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));

export class Key {
  constructor(seed) {
    const der = Buffer.concat([Buffer.from("302e020100300506032b657004220420", "hex"), Buffer.alloc(32, seed)]);
    this.secret = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
    const raw = createPublicKey(this.secret).export({ format: "der", type: "spki" }).subarray(-32);
    this.public = { keytype: "ed25519", scheme: "ed25519", keyval: { public: raw.toString("hex") } };
    this.id = sha256(canonical(parse(bytesOf(this.public))));
  }

  sign(signed) {
    const sig = sign(null, canonical(parse(bytesOf(signed))), this.secret);
    return { keyid: this.id, sig: sig.toString("hex") };
  }
}

const ROLES = ["root", "timestamp", "snapshot", "targets", "status", "incidents-2025"];

export class House {
  constructor(now, first = 1) {
    this.now = now;
    this.keys = Object.fromEntries(ROLES.map((role, i) => [role, new Key(first + i)]));
    this.hours = { root: 8760, timestamp: 6, snapshot: 720, targets: 8760, status: 720, "incidents-2025": 8760 };
    this.roots = [];
    this.publishRoot([this.keys.root]);
  }

  head(type, role, version) {
    const expires = new Date(this.now + this.hours[role] * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
    return { _type: type, spec_version: "1.0.34", version, expires };
  }

  duty(role) {
    return { keyids: [this.keys[role].id], threshold: 1 };
  }

  publishRoot(signers) {
    const top = ROLES.slice(0, 4);
    const root = {
      ...this.head("root", "root", this.roots.length + 1),
      consistent_snapshot: true,
      keys: Object.fromEntries(top.map((role) => [this.keys[role].id, this.keys[role].public])),
      roles: Object.fromEntries(top.map((role) => [role, this.duty(role)])),
    };
    this.roots.push(bytesOf({ signatures: signers.map((key) => key.sign(root)), signed: root }));
  }

  /** The next root, with a new key for `role`. */
  rotate(role, seed) {
    const before = this.keys.root;
    this.keys[role] = new Key(seed);
    this.publishRoot(before === this.keys.root ? [before] : [before, this.keys.root]);
  }

  signed(role, value, keys = [this.keys[role]]) {
    return bytesOf({ signatures: keys.map((key) => key.sign(value)), signed: value });
  }

  /** A mirror that holds `pages` (path to text) at `version`. */
  word(version, pages, archive = { "incidents/2025/INC-1.html": "<p>long over</p>" }) {
    const files = new Map(this.roots.map((root, i) => [`metadata/${i + 1}.root.json`, root]));
    const over = (role, number, texts) => {
      const targets = {};
      for (const [path, text] of Object.entries(texts)) {
        const bytes = bytesOf(text);
        const hash = sha256(bytes);
        targets[path] = { length: bytes.length, hashes: { sha256: hash } };
        files.set(`targets/${path.replace(/[^/]*$/, (name) => `${hash}.${name}`)}`, bytes);
        files.set(path, bytes);
      }
      return this.signed(role, { ...this.head("targets", role, number), targets });
    };
    const delegation = (name, paths) => ({ name, ...this.duty(name), terminating: true, paths });
    const made = {
      status: [version, over("status", version, pages)],
      "incidents-2025": [1, over("incidents-2025", 1, archive)],
    };
    const below = ["status", "incidents-2025"].map((role) => this.keys[role]);
    made.targets = [1, this.signed("targets", {
      ...this.head("targets", "targets", 1),
      targets: {},
      delegations: {
        keys: Object.fromEntries(below.map((key) => [key.id, key.public])),
        roles: [delegation("incidents-2025", ["incidents/2025/*"]), delegation("status", ["*", "incidents/*"])],
      },
    })];
    const pin = (number, bytes) => ({ version: number, length: bytes.length, hashes: { sha256: sha256(bytes) } });
    const meta = {};
    for (const [role, [number, bytes]] of Object.entries(made)) {
      meta[`${role}.json`] = pin(number, bytes);
      files.set(`metadata/${number}.${role}.json`, bytes);
    }
    const snapshot = this.signed("snapshot", { ...this.head("snapshot", "snapshot", version), meta });
    files.set(`metadata/${version}.snapshot.json`, snapshot);
    const timestamp = { ...this.head("timestamp", "timestamp", version * 10), meta: { "snapshot.json": pin(version, snapshot) } };
    files.set("metadata/timestamp.json", this.signed("timestamp", timestamp));
    return files;
  }
}
