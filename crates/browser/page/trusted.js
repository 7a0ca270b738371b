// The metadata trusted so far, and the rules by which new metadata joins it (TUF 1.0.34, 5.3 to 5.6). No network, and no
// clock: expiry is judged once, when everything else is known.

import { readMetadata, verifyThreshold } from "./metadata.js";
import { malformed, Refused } from "./problem.js";

const TOP_LEVEL = ["root", "timestamp", "snapshot", "targets"];

export class Trusted {
  /** Trusts a pinned root, which must be signed by itself. */
  static async from(bytes, crypto) {
    const trusted = new Trusted(crypto);
    trusted.root = readMetadata(bytes, "root");
    await trusted.signedBy(trusted.root, trusted.root, "root");
    return trusted;
  }

  constructor(crypto) {
    this.crypto = crypto;
    this.forget();
  }

  /** A copy of what is trusted now. Metadata is never changed once it is read, so it is shared. */
  copy() {
    const copy = Object.assign(new Trusted(this.crypto), this);
    copy.targets = new Map(this.targets);
    return copy;
  }

  forget() {
    this.timestamp = null;
    this.snapshot = null;
    this.targets = new Map();
  }

  async signedBy(metadata, root, role) {
    const keys = root.roles.get(role);
    if (!keys) throw new Refused("malformed", `unknown role: ${role}`);
    await verifyThreshold(metadata, root.keys, keys, role, this.crypto);
  }

  /** The next root: one version on, signed by the old keys and by its own. */
  async updateRoot(bytes) {
    const root = readMetadata(bytes, "root");
    if (root.version !== this.root.version + 1) {
      throw malformed(`root version must increment by one: trusted ${this.root.version}, got ${root.version}`);
    }
    await this.signedBy(root, this.root, "root");
    await this.signedBy(root, root, "root");
    this.root = root;
    this.forget();
  }

  async updateTimestamp(bytes) {
    const next = readMetadata(bytes, "timestamp");
    await this.signedBy(next, this.root, "timestamp");
    const current = this.timestamp;
    if (current) {
      notOlder("timestamp", next, current);
      if (next.version === current.version) throw new Refused("equal", "no update");
      const [newer, older] = [next, current].map((timestamp) => timestamp.meta.get("snapshot.json"));
      if (newer && older) notOlder("snapshot (via timestamp)", newer, older);
    }
    this.timestamp = next;
  }

  async updateSnapshot(bytes) {
    const pin = this.timestamp?.meta.get("snapshot.json");
    if (!pin) throw malformed("timestamp does not pin snapshot.json");
    await this.pinned(bytes, pin, "snapshot.json");
    const next = readMetadata(bytes, "snapshot");
    await this.signedBy(next, this.root, "snapshot");
    sameVersion("snapshot", next, pin);
    for (const [name, older] of this.snapshot?.meta ?? []) {
      const newer = next.meta.get(name);
      if (!newer) throw new Refused("integrity", `snapshot removes ${name}, which the trusted snapshot pins`);
      notOlder(`${name} (via snapshot)`, newer, older);
    }
    this.snapshot = next;
    this.targets = new Map();
  }

  async updateTargets(bytes) {
    const next = await this.listed(bytes, "targets");
    await this.signedBy(next, this.root, "targets");
    this.targets.set("targets", next);
  }

  /** A role to which the top-level targets delegate: signed by the keys named there, not by those of the root. */
  async updateDelegated(bytes, name) {
    if (TOP_LEVEL.includes(name)) throw malformed(`delegated role must not reuse top-level role name "${name}"`);
    const { keys, roles } = this.targets.get("targets").delegations;
    const role = roles.find((role) => role.name === name);
    const next = await this.listed(bytes, name);
    await verifyThreshold(next, keys, role, name, this.crypto);
    this.targets.set(name, next);
  }

  /** A targets file as the snapshot pins it; its signatures are the caller's business. */
  async listed(bytes, name) {
    const file = `${name}.json`;
    const pin = this.snapshot?.meta.get(file);
    if (!pin) throw malformed(`snapshot does not pin ${file}`);
    await this.pinned(bytes, pin, file);
    const next = readMetadata(bytes, "targets");
    sameVersion(file, next, pin);
    return next;
  }

  async pinned(bytes, { length, hashes }, what) {
    if (length !== null && bytes.length !== length) {
      throw new Refused("integrity", `${what}: length ${bytes.length} != pinned ${length}`);
    }
    if (hashes === null) return;
    const known = [...hashes].filter(([algorithm]) => algorithm === "sha256" || algorithm === "sha512");
    for (const [algorithm, expected] of known) {
      if ((await this.crypto.hash(algorithm, bytes)) !== expected.toLowerCase()) {
        throw new Refused("integrity", `${what}: ${algorithm} mismatch`);
      }
    }
    if (known.length === 0) throw new Refused("integrity", `${what}: no supported hash algorithm to verify`);
  }
}

function notOlder(what, next, current) {
  if (next.version >= current.version) return;
  throw new Refused(
    "rollback",
    `an older state was put back: ${what} is at version ${next.version}, but version ${current.version} was seen before`,
  );
}

function sameVersion(what, next, pin) {
  if (next.version === pin.version) return;
  throw new Refused("integrity", `${what} version ${next.version} does not match the pinned ${pin.version}`);
}
