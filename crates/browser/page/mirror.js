// A mirror read over HTTP: no more bytes than asked for, no longer than a file may take, nothing sent but the address.

import { FILE_SECONDS } from "./limits.js";
import { FetchError } from "./problem.js";

/** The address as it is used, or `null` if it is none. */
export function mirrorAddress(text) {
  const trimmed = text.trim();
  const address = tryUrl(trimmed.includes("://") ? trimmed : `https://${trimmed}`);
  if (!address || !["http:", "https:"].includes(address.protocol) || !address.hostname) return null;
  if (address.username || address.password || address.search || address.hash) return null;
  return address.href.replace(/\/+$/, "");
}

function tryUrl(text) {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

export class HttpMirror {
  /** `signal` ends the visit of this mirror; `seconds` is what one file may take. */
  constructor(address, signal, seconds = FILE_SECONDS) {
    this.name = address;
    this.signal = signal;
    this.seconds = seconds;
  }

  async fetch(path, limit) {
    const given = new AbortController();
    const late = setTimeout(() => given.abort(), this.seconds * 1000);
    const end = () => given.abort();
    this.signal?.addEventListener("abort", end);
    try {
      if (this.signal?.aborted) end();
      return await this.read(path, limit, given);
    } catch (error) {
      if (error instanceof FetchError) throw error;
      throw new FetchError("unreachable", this.why(given.signal.aborted));
    } finally {
      clearTimeout(late);
      this.signal?.removeEventListener("abort", end);
    }
  }

  async read(path, limit, given) {
    const response = await fetch(`${this.name}/${path}`, {
      cache: "no-store",
      credentials: "omit",
      mode: "cors",
      redirect: "error",
      referrerPolicy: "no-referrer",
      signal: given.signal,
    });
    if ([403, 404, 410].includes(response.status)) throw ended(given, FetchError.notFound());
    if (response.status !== 200) {
      throw ended(given, new FetchError("unreachable", `the mirror answers with status ${response.status}`));
    }
    const chunks = [];
    let length = 0;
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      length += value.length;
      // Whatever the mirror says about the length, no more is taken in.
      if (length > limit) throw ended(given, FetchError.tooLarge(limit));
      chunks.push(value);
    }
    const bytes = new Uint8Array(length);
    let at = 0;
    for (const chunk of chunks) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    return bytes;
  }

  why(aborted) {
    if (aborted) return "the mirror took too long";
    if (globalThis.navigator?.onLine === false) return "this device is not connected to a network";
    if (globalThis.location?.protocol === "https:" && this.name.startsWith("http:")) {
      return "a page that came by https may not read a mirror by http; save this page to your disk and open it from there";
    }
    return (
      "no answer that the browser lets this page read: the mirror may be down, may redirect elsewhere, or may not allow " +
      "other pages to read it (it must send the header Access-Control-Allow-Origin: *). A browser does not say which"
    );
  }
}

/** Stops what is still coming in. */
function ended(given, error) {
  given.abort();
  return error;
}
