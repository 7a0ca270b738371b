// The signed envelope and the four shapes of metadata (TUF 1.0.34, 4). Everything else in them is ignored, but signed.

import { canonical, JsonError, parse } from "./json.js";
import { malformed, Refused } from "./problem.js";
import { fromHex, toHex } from "./text.js";

/** Reads a signed file of one type. Throws `Refused`. */
export function readMetadata(bytes, type) {
  try {
    return read(bytes, type);
  } catch (error) {
    throw error instanceof JsonError ? new Refused("malformed", error.message) : error;
  }
}

function read(bytes, type) {
  const file = parse(bytes);
  if (!(file instanceof Map)) throw malformed("top level is not a JSON object");
  const signed = file.get("signed");
  if (!(signed instanceof Map)) throw malformed("missing `signed`");
  const signatures = list(field(file, "signatures"), (entry) => ({
    keyid: text(field(entry, "keyid")),
    sig: text(field(entry, "sig")),
  }));
  if (text(field(signed, "_type")) !== type) throw malformed(`expected _type "${type}", found "${signed.get("_type")}"`);
  const spec = text(field(signed, "spec_version"));
  if (spec.split(".")[0] !== "1") throw malformed(`unsupported TUF spec_version "${spec}" (this reader knows 1.x)`);
  const head = {
    version: positive(field(signed, "version")),
    expires: time(field(signed, "expires")),
  };
  return { signatures, message: canonical(signed), ...head, ...BODIES[type](signed) };
}

const BODIES = {
  root: (signed) => ({
    consistent: optional(signed, "consistent_snapshot", flag, false),
    keys: map(field(signed, "keys"), key),
    roles: map(field(signed, "roles"), roleKeys),
  }),
  timestamp: (signed) => ({ meta: map(field(signed, "meta"), pin) }),
  snapshot: (signed) => ({ meta: map(field(signed, "meta"), pin) }),
  targets: (signed) => ({
    targets: map(field(signed, "targets"), target),
    delegations: nullable(signed, "delegations", delegations),
  }),
};

const key = (value) => {
  text(field(value, "keytype"));
  return { scheme: text(field(value, "scheme")), public: text(field(field(value, "keyval"), "public")) };
};

const roleKeys = (value) => ({ keyids: list(field(value, "keyids"), text), threshold: integer(field(value, "threshold")) });

const pin = (value) => ({
  version: positive(field(value, "version")),
  length: nullable(value, "length", integer),
  hashes: nullable(value, "hashes", (hashes) => map(hashes, text)),
});

const target = (value) => ({ length: integer(field(value, "length")), hashes: map(field(value, "hashes"), text) });

const delegations = (value) => ({
  keys: map(field(value, "keys"), key),
  roles: optional(value, "roles", (roles) => list(roles, delegatedRole), []),
});

const delegatedRole = (value) => ({
  name: text(field(value, "name")),
  ...roleKeys(value),
  terminating: optional(value, "terminating", flag, false),
  paths: nullable(value, "paths", (paths) => list(paths, text)),
  prefixes: nullable(value, "path_hash_prefixes", (prefixes) => list(prefixes, text)),
});

function field(object, name) {
  if (!(object instanceof Map)) throw malformed("an object is missing");
  if (!object.has(name)) throw malformed(`missing field \`${name}\``);
  return object.get(name);
}

const optional = (object, name, of, otherwise) => (object.has(name) ? of(object.get(name)) : otherwise);
const nullable = (object, name, of) => optional(object, name, (value) => (value === null ? null : of(value)), null);

function text(value) {
  if (typeof value !== "string") throw malformed("a text is missing");
  return value;
}

function flag(value) {
  if (typeof value !== "boolean") throw malformed("neither true nor false");
  return value;
}

function integer(value) {
  if (typeof value !== "number" || value < 0) throw malformed("a number is missing, or negative");
  return value;
}

function positive(value) {
  if (integer(value) === 0) throw malformed("a version must be positive");
  return value;
}

function list(value, of) {
  if (!Array.isArray(value)) throw malformed("a list is missing");
  return value.map(of);
}

function map(value, of) {
  if (!(value instanceof Map)) throw malformed("an object is missing");
  return new Map([...value].map(([name, item]) => [name, of(item)]));
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since the epoch. Only dates that exist: `Date.parse` would turn a 30th of February into March. */
function time(value) {
  const found = TIME.exec(text(value));
  const at = found ? Date.parse(value) : NaN;
  const [, year, month, day, hour, minute, second] = (found ?? []).map(Number);
  const lastDay = new Date(Date.UTC(year, month, 0)).getUTCDate();
  if (Number.isNaN(at) || day > lastDay || hour > 23 || minute > 59 || second > 59) throw malformed("not a time");
  return at;
}

/**
 * Throws `Refused` unless `metadata` bears valid signatures of as many distinct keys as `role` needs. Keys are counted, not
 * their names. A scheme other than Ed25519, or a key that is none, is no signature.
 */
export async function verifyThreshold(metadata, keys, role, name, crypto) {
  if (role.threshold === 0) throw malformed(`role ${name} declares signature threshold 0; at least 1 is required`);
  const allowed = new Set(role.keyids);
  const seen = new Set();
  const good = new Set();
  for (const { keyid, sig } of metadata.signatures) {
    if (!allowed.has(keyid) || sig === "") continue;
    if (seen.has(keyid)) throw new Refused("malformed", `duplicate signature key id ${keyid} for role ${name}`);
    seen.add(keyid);
    const key = keys.get(keyid);
    const signature = fromHex(sig);
    if (!key || key.scheme !== "ed25519" || !signature) continue;
    const point = fromHex(key.public.trim());
    if (point && (await crypto.verify(point, metadata.message, signature))) good.add(toHex(point));
  }
  if (good.size < role.threshold) {
    throw new Refused("threshold", `${good.size} of the ${role.threshold} valid signatures that ${name} needs`);
  }
}

/** Whether two of the names mean one key: a threshold counts people, and one key is one of them. */
export function declaresTwice(keyids, keys) {
  const named = [...new Set(keyids)].map((id) => keys.get(id)).filter((key) => key?.scheme === "ed25519");
  const points = named.map((key) => key.public.trim().toLowerCase()).filter((point) => /^[0-9a-f]{64}$/.test(point));
  return new Set(points).size < points.length;
}
