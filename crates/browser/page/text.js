// Bytes, hex, and words that come from strangers.

const LONGEST = 400;
const INVISIBLE = /[\p{Cc}\u200b-\u200f\u2028-\u202e\u2066-\u2069]/gu;

export const utf8 = (text) => new TextEncoder().encode(text);

/** The text, or `null` if the bytes are not UTF-8. */
export function fromUtf8(bytes) {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return null;
  }
}

export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** The bytes, or `null` if it is not hex. */
export function fromHex(hex) {
  if (hex.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(hex)) return null;
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

/** A mirror's words go before somebody's eyes: no control characters, nothing that turns the text around, no endless lines. */
export function printable(text, longest = LONGEST) {
  // Twice as much holds the longest text of two-unit characters; the rest need not be looked at.
  const characters = [...text.slice(0, 2 * longest + 2)];
  const shown = characters.slice(0, longest).join("").replace(INVISIBLE, "\ufffd");
  return characters.length > longest ? `${shown}…` : shown;
}

/** Orders texts as their UTF-8 bytes are ordered, which is the order of code points. `<` would order UTF-16 units. */
export function byCodePoint(one, other) {
  const length = Math.min(one.length, other.length);
  for (let i = 0; i < length; i++) {
    const a = one.charCodeAt(i);
    const b = other.charCodeAt(i);
    if (a === b) continue;
    // Halves of pairs stand for code points above all others.
    const high = (unit) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
    return high(a) - high(b);
  }
  return one.length - other.length;
}
