// What this browser remembers between visits, so that an older state put back is noticed: the newest metadata seen, as it
// was signed. It carries its own proof and is verified again from the pinned root each time it is used.
//
// IndexedDB may be missing, closed to this page, or wiped; then the answer says so.

import { versionOf } from "./chain.js";
import { STATE_BYTES } from "./limits.js";

const DATABASE = "stentor-verifier";
const SEEN = "seen";
const SETTINGS = "settings";

/** Why memory cannot be used. */
export class MemoryError extends Error {}

/** Orders two memories of one publisher: the newest root, then the newest timestamp. */
export function newer(one, other) {
  const rank = (seen) => [seen.roots.at(-1), seen.timestamp].map((text) => (text && versionOf(text)) ?? 0);
  const [a, b] = [rank(one), rank(other)];
  return a[0] === b[0] ? a[1] > b[1] : a[0] > b[0];
}

/** Whether a record is of the form that is written here. */
export function sound(seen) {
  const text = (value) => value === null || typeof value === "string";
  if (!Array.isArray(seen?.roots) || !seen.roots.every((root) => typeof root === "string")) return false;
  if (!text(seen.timestamp) || !text(seen.snapshot)) return false;
  return [...seen.roots, seen.timestamp ?? "", seen.snapshot ?? ""].join("").length <= STATE_BYTES;
}

export class Memory {
  /** Opens it. Throws `MemoryError` with the browser's reason. */
  static async open(factory = globalThis.indexedDB) {
    if (!factory) throw new MemoryError("this browser offers this page no storage");
    try {
      const request = factory.open(DATABASE, 1);
      request.onupgradeneeded = () => [SEEN, SETTINGS].forEach((store) => request.result.createObjectStore(store));
      return new Memory(await answer(request));
    } catch (error) {
      throw new MemoryError(`the browser's storage cannot be opened (${error?.message ?? error})`);
    }
  }

  constructor(database) {
    this.database = database;
  }

  /** What was seen of the publisher with this root fingerprint, or `null`. */
  async seen(fingerprint) {
    const found = await this.get(SEEN, fingerprint);
    if (found !== undefined && !sound(found)) {
      throw new MemoryError("what was remembered from earlier visits is damaged; forget it to start over as on a first visit");
    }
    return found ?? null;
  }

  /** Keeps `seen` unless another visit has remembered as much in the meantime, so that floors never sink. */
  async keep(fingerprint, seen) {
    await this.change(SEEN, (store) => {
      const request = store.get(fingerprint);
      request.onsuccess = () => {
        if (!sound(request.result) || newer(seen, request.result)) store.put(seen, fingerprint);
      };
    });
  }

  forget(fingerprint) {
    return this.change(SEEN, (store) => store.delete(fingerprint));
  }

  settings() {
    return this.get(SETTINGS, "last");
  }

  keepSettings(settings) {
    return this.change(SETTINGS, (store) => store.put(settings, "last"));
  }

  async get(name, key) {
    try {
      return await answer(this.database.transaction(name).objectStore(name).get(key));
    } catch (error) {
      throw new MemoryError(`the browser's storage cannot be read (${error?.message ?? error})`);
    }
  }

  async change(name, doing) {
    try {
      const transaction = this.database.transaction(name, "readwrite");
      doing(transaction.objectStore(name));
      await new Promise((resolve, reject) => {
        transaction.oncomplete = resolve;
        transaction.onabort = transaction.onerror = () => reject(transaction.error);
      });
    } catch (error) {
      throw new MemoryError(`the browser's storage cannot be written (${error?.message ?? error})`);
    }
  }
}

function answer(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = request.onblocked = () => reject(request.error ?? new Error("it is in use"));
  });
}
