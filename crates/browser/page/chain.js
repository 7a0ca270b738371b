// The walk through the metadata: roots, timestamp, snapshot, targets, one level of delegated roles (TUF 1.0.34, 5).
// Step by step what crates/verify/src/chain.rs does; one corpus judges both.

import { depthWithin, parse } from "./json.js";
import { DELEGATIONS, JSON_DEPTH, METADATA_BYTES, ROOT_BYTES, ROOT_ROTATIONS, TIMESTAMP_BYTES } from "./limits.js";
import { declaresTwice } from "./metadata.js";
import { covers, PatternError, safePath } from "./paths.js";
import { FetchError, Forged, Refused, Unreachable } from "./problem.js";
import { fromUtf8, utf8 } from "./text.js";
import { Trusted } from "./trusted.js";

/** The role that speaks for the present. Others keep the files of years that are over. */
export const STATUS = "status";

export class Chain {
  /** Starts from the pinned root and what was remembered: `{ roots, timestamp, snapshot }`, texts as they were signed. */
  static async start(pinned, remembered, crypto) {
    const unusable = (why) => new Unreachable(`the trusted root cannot be used: ${why}`);
    const wrong = notParsable(pinned, ROOT_BYTES);
    if (wrong) throw unusable(wrong);
    const chain = new Chain();
    chain.crypto = crypto;
    chain.delegated = [];
    chain.trusted = await Trusted.from(pinned, crypto).catch((error) => {
      throw unusable(error.message);
    });
    const twice = ambiguous(chain.trusted.root);
    if (twice) throw unusable(twice);
    chain.memory = { roots: [...remembered.roots], timestamp: remembered.timestamp, snapshot: remembered.snapshot };
    const first = chain.trusted.root.version;
    chain.memory.roots = chain.memory.roots.filter((root) => !(versionOf(root) <= first));
    for (const root of chain.memory.roots) await chain.trusted.updateRoot(utf8(root)).catch(damaged);
    return chain;
  }

  /** Verifies the metadata of the present, or of `everything`. */
  async walk(mirror, everything) {
    const before = this.memory.roots;
    const roots = [...before];
    // Floors are judged against the newest root only; a walk cut short keeps the old picture whole.
    await this.roots(mirror, roots);
    this.memory.roots = roots;
    await this.floors(roots.length > before.length);
    const timestamp = await this.timestamp(mirror);
    const snapshot = await this.snapshot(mirror);
    await this.targets(mirror);
    for (const { name } of this.delegations()) if (everything || name === STATUS) await this.role(mirror, name);
    if (timestamp !== null) this.memory.timestamp = timestamp;
    this.memory.snapshot = snapshot;
  }

  async roots(mirror, roots) {
    for (let i = 0; i < ROOT_ROTATIONS; i++) {
      const path = `metadata/${this.trusted.root.version + 1}.root.json`;
      let bytes;
      try {
        bytes = await mirror.fetch(path, ROOT_BYTES);
      } catch (error) {
        if (error instanceof FetchError && error.kind === "not_found") return;
        throw unread(path, error);
      }
      checkParsable(path, bytes, ROOT_BYTES);
      await this.trusted.updateRoot(bytes).catch((error) => {
        throw forged(path, error);
      });
      const twice = ambiguous(this.trusted.root);
      if (twice) throw new Forged(`${path}: ${twice}`);
      roots.push(fromUtf8(bytes));
    }
    throw new Forged(`more than ${ROOT_ROTATIONS} new roots: refused to go on`);
  }

  /**
   * Loads what was seen before as floors. A rotation of the timestamp or snapshot keys resets both floors, which is how a
   * publisher recovers from versions that were pushed too high (TUF 5.3.11).
   */
  async floors(rotated) {
    const { timestamp, snapshot } = this.memory;
    if (timestamp === null || snapshot === null) return;
    const atRoot = this.trusted.copy();
    try {
      await this.trusted.updateTimestamp(utf8(timestamp));
      await this.trusted.updateSnapshot(utf8(snapshot));
    } catch (error) {
      if (!(rotated && error.kind === "threshold")) damaged(error);
      this.trusted = atRoot;
      this.memory.timestamp = null;
      this.memory.snapshot = null;
    }
  }

  /** The timestamp's text, or `null` if it is the remembered one. */
  async timestamp(mirror) {
    const path = "metadata/timestamp.json";
    const bytes = await receive(mirror, path, TIMESTAMP_BYTES);
    try {
      await this.trusted.updateTimestamp(bytes);
    } catch (error) {
      if (error.kind === "equal") return null;
      throw forged(path, error);
    }
    return fromUtf8(bytes);
  }

  async snapshot(mirror) {
    const pin = this.trusted.timestamp.meta.get("snapshot.json");
    if (!pin) throw new Forged("metadata/timestamp.json names no snapshot");
    const path = this.path("snapshot", pin.version);
    const bytes = await receive(mirror, path, most(pin));
    await this.trusted.updateSnapshot(bytes).catch((error) => {
      throw forged(path, error);
    });
    return fromUtf8(bytes);
  }

  async targets(mirror) {
    const [path, bytes] = await this.pinned(mirror, "targets");
    await this.trusted.updateTargets(bytes).catch((error) => {
      throw forged(path, error);
    });
    const roles = this.delegations();
    if (roles.length > DELEGATIONS) throw new Forged(`${path} delegates to more than ${DELEGATIONS} roles`);
    for (const { name, keyids } of roles) {
      // A role's name becomes part of a path.
      if (!safePath(name) || name.includes("/")) throw new Forged(`${path} delegates to a role with a forbidden name: ${name}`);
      if (declaresTwice(keyids, this.trusted.targets.get("targets").delegations.keys)) {
        throw new Forged(`${path}: it declares one key for ${name} under two names`);
      }
    }
  }

  delegations() {
    return this.trusted.targets.get("targets").delegations?.roles ?? [];
  }

  async role(mirror, name) {
    const [path, bytes] = await this.pinned(mirror, name);
    await this.trusted.updateDelegated(bytes, name).catch((error) => {
      throw forged(path, error);
    });
    if (this.trusted.targets.get(name).delegations?.roles.length > 0) {
      throw new Forged(`${path} delegates further, which its publisher never does`);
    }
    this.delegated.push(name);
  }

  async covers(role, path) {
    try {
      return await covers(role, path, this.crypto);
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      throw new Forged(`role ${role.name} has a pattern that cannot be read: ${error.message}`);
    }
  }

  /** The file of a role at the version that the snapshot pins. */
  async pinned(mirror, role) {
    const pin = this.trusted.snapshot.meta.get(`${role}.json`);
    if (!pin) throw new Forged(`the snapshot does not list ${role}.json`);
    const path = this.path(role, pin.version);
    return [path, await receive(mirror, path, most(pin))];
  }

  path(role, version) {
    return this.trusted.root.consistent ? `metadata/${version}.${role}.json` : `metadata/${role}.json`;
  }
}

/** The bytes that a pinned file may have. */
const most = ({ length }) => Math.min(length ?? METADATA_BYTES, METADATA_BYTES);

/** What in a root could be counted in two ways, or `null`. */
function ambiguous({ roles, keys }) {
  for (const [name, { keyids }] of roles) {
    if (declaresTwice(keyids, keys)) return `it declares one key for ${name} under two names`;
  }
  return null;
}

/** The version that a signed text names, or `undefined`. */
export function versionOf(text) {
  try {
    const version = parse(utf8(text)).get("signed").get("version");
    return typeof version === "number" ? version : undefined;
  } catch {
    return undefined;
  }
}

async function receive(mirror, path, limit) {
  let bytes;
  try {
    bytes = await mirror.fetch(path, limit);
  } catch (error) {
    throw unread(path, error);
  }
  checkParsable(path, bytes, limit);
  return bytes;
}

function unread(path, error) {
  if (!(error instanceof FetchError)) return error;
  if (error.kind === "too_large") return new Forged(`${path}: ${error.message}; refused to read on`);
  return new Unreachable(`${path}: ${error.message}`);
}

function checkParsable(path, bytes, limit) {
  if (isWebPage(bytes)) {
    throw new Unreachable(`${path}: the answer is a web page; the server says so for missing files, or the network asks for a login`);
  }
  const wrong = notParsable(bytes, limit);
  if (wrong) throw new Forged(`${path}: ${wrong}`);
}

/** JSON never begins like this. */
const isWebPage = (bytes) => bytes.find((byte) => ![0x20, 0x09, 0x0a, 0x0c, 0x0d].includes(byte)) === 0x3c;

function notParsable(bytes, limit) {
  if (bytes.length > limit) return `it is longer than ${limit} bytes`;
  return depthWithin(bytes) ? null : `its JSON nests deeper than ${JSON_DEPTH} levels`;
}

function damaged(error) {
  if (!(error instanceof Refused)) throw error;
  throw new Unreachable(
    `what was remembered from earlier visits is damaged or belongs to another publisher (${error.message}); ` +
      "remove it to start over as on a first visit",
  );
}

function forged(path, error) {
  if (!(error instanceof Refused)) return error;
  const told = error.kind === "integrity" ? "not the file its signed parent names (changed, or mixed from two versions): " : "";
  return new Forged(`${path}: ${told}${error.message}`);
}
