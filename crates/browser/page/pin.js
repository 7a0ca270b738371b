// The first trusted root: the whole file, or its SHA-256, with which the mirror's own copy must agree.

import { ROOT_BYTES } from "./limits.js";
import { FetchError } from "./problem.js";
import { fromUtf8, printable, utf8 } from "./text.js";

/** Reads what somebody pasted, typed or embedded: `{ sha256 }` or `{ root }` (bytes); throws an `Error` for people. */
export function readPin(text) {
  const trimmed = text.trim();
  if (trimmed.startsWith("{")) return readRoot(utf8(trimmed));
  const hex = trimmed.replace(/^sha-?256[:\s]*/i, "").replace(/[\s:]/g, "").toLowerCase();
  if (hex === "") throw new Error("Give the publisher's root.json or its fingerprint first.");
  if (!/^[0-9a-f]{64}$/.test(hex)) {
    throw new Error("That is neither a root.json nor a SHA-256 fingerprint, which has 64 digits from 0 to 9 and a to f.");
  }
  return { sha256: hex };
}

/** The root of a file, byte by byte as it is. */
export function readRoot(bytes) {
  if (bytes.length > ROOT_BYTES) throw new Error("That file is larger than any root.json.");
  if (fromUtf8(bytes) === null) throw new Error("That file is not a root.json.");
  return { root: bytes };
}

/** The bytes of the pinned root, from the mirror if only their hash is known. Throws a verdict as `PinError`. */
export async function rootOf(pin, mirror, crypto) {
  if (pin.root) return pin.root;
  const path = "metadata/1.root.json";
  let bytes;
  try {
    bytes = await mirror.fetch(path, ROOT_BYTES);
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    if (error.kind === "too_large") throw new PinError({ verdict: "not_authentic", what: [`${path}: ${error.message}`] });
    const more = error.kind === "not_found" ? "; give the whole root.json instead of its fingerprint" : "";
    throw new PinError({ verdict: "unreachable", reason: printable(`${path}: ${error.message}${more}`) });
  }
  if ((await crypto.hash("sha256", bytes)) !== pin.sha256) {
    throw new PinError({
      verdict: "not_authentic",
      what: [`${path} is not the root whose fingerprint you gave: another publisher's, or forged`],
    });
  }
  return bytes;
}

export class PinError extends Error {
  constructor(verdict) {
    super(verdict.reason ?? verdict.what[0]);
    this.verdict = verdict;
  }
}
