// JSON, read strictly: no key twice in an object, no number that a computer could round, nesting within bounds.
// `JSON.parse` keeps the last of two equal keys and rounds large integers, so what is checked would not be what was signed.

import { JSON_DEPTH } from "./limits.js";
import { byCodePoint, fromUtf8, utf8 } from "./text.js";

export class JsonError extends Error {}

const PLAIN = /[^"\\\u0000-\u001f]*/y;
const INTEGER = /(?:0|-?[1-9][0-9]*)(?![.eE0-9])/y;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
const ESCAPES = { '"': '"', "\\": "\\", "/": "/", b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

/** Whether no array or object nests deeper than `max`. Looks at brackets outside strings only. */
export function depthWithin(bytes, max = JSON_DEPTH) {
  let depth = 0;
  let inString = false;
  let escaped = false;
  for (const byte of bytes) {
    if (escaped) escaped = false;
    else if (inString && byte === 0x5c) escaped = true;
    else if (byte === 0x22) inString = !inString;
    else if (inString) continue;
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > max) return false;
    } else if (byte === 0x5d || byte === 0x7d) depth = Math.max(0, depth - 1);
  }
  return true;
}

/**
 * Reads bytes as JSON: objects as `Map`, of numbers only safe integers, unless `fractions` are welcome: they are in
 * pages for programs, never in metadata. Throws `JsonError`.
 */
export function parse(bytes, fractions = false) {
  const text = fromUtf8(bytes);
  if (text === null) throw new JsonError("it is not UTF-8");
  return new Reader(text, fractions).whole();
}

class Reader {
  constructor(text, fractions) {
    this.text = text;
    this.number = fractions ? this.anyNumber : this.integer;
    this.at = 0;
  }

  whole() {
    const value = this.value(0);
    this.space();
    if (this.at < this.text.length) this.wrong();
    return value;
  }

  wrong(why = "it is not JSON") {
    throw new JsonError(`${why} (at character ${this.at})`);
  }

  space() {
    while (" \t\n\r".includes(this.text[this.at] ?? "?")) this.at += 1;
  }

  /** Takes the next character if it is this one. */
  takes(character) {
    this.space();
    if (this.text[this.at] !== character) return false;
    this.at += 1;
    return true;
  }

  value(depth) {
    if (depth > JSON_DEPTH) this.wrong("it nests too deep");
    this.space();
    if (this.takes("{")) return this.object(depth);
    if (this.takes("[")) return this.array(depth);
    if (this.text[this.at] === '"') return this.string();
    for (const [word, value] of [["null", null], ["true", true], ["false", false]]) {
      if (this.text.startsWith(word, this.at)) {
        this.at += word.length;
        return value;
      }
    }
    return this.number();
  }

  object(depth) {
    const map = new Map();
    if (this.takes("}")) return map;
    do {
      this.space();
      const key = this.string();
      if (map.has(key)) this.wrong("a key stands twice in one object");
      if (!this.takes(":")) this.wrong();
      map.set(key, this.value(depth + 1));
    } while (this.takes(","));
    if (!this.takes("}")) this.wrong();
    return map;
  }

  array(depth) {
    const items = [];
    if (this.takes("]")) return items;
    do items.push(this.value(depth + 1));
    while (this.takes(","));
    if (!this.takes("]")) this.wrong();
    return items;
  }

  string() {
    if (this.text[this.at] !== '"') this.wrong();
    this.at += 1;
    let out = "";
    for (;;) {
      PLAIN.lastIndex = this.at;
      out += PLAIN.exec(this.text)[0];
      this.at = PLAIN.lastIndex;
      const next = this.text[this.at];
      this.at += 1;
      if (next === '"') break;
      if (next !== "\\") this.wrong("a string does not end, or holds a control character");
      out += this.escape();
    }
    if (/[\ud800-\udfff]/u.test(out)) this.wrong("half a surrogate pair");
    return out;
  }

  escape() {
    const letter = this.text[this.at];
    this.at += 1;
    if (letter === "u") {
      const hex = this.text.slice(this.at, this.at + 4);
      if (!/^[0-9a-fA-F]{4}$/.test(hex)) this.wrong();
      this.at += 4;
      return String.fromCharCode(parseInt(hex, 16));
    }
    if (letter === undefined || !Object.hasOwn(ESCAPES, letter)) this.wrong();
    return ESCAPES[letter];
  }

  anyNumber() {
    NUMBER.lastIndex = this.at;
    const found = NUMBER.exec(this.text);
    if (!found) this.wrong();
    this.at = NUMBER.lastIndex;
    return Number(found[0]);
  }

  integer() {
    INTEGER.lastIndex = this.at;
    const found = INTEGER.exec(this.text);
    if (!found) this.wrong("it is not JSON, or has a number that is no integer");
    this.at = INTEGER.lastIndex;
    const integer = Number(found[0]);
    if (!Number.isSafeInteger(integer)) this.wrong("a number is too large");
    return integer;
  }
}

/** OLPC canonical JSON, the form that signatures cover: keys sorted, no white space, only `"` and `\` escaped. */
export function canonical(value) {
  return utf8(write(value));
}

function write(value) {
  if (typeof value === "string") return `"${value.replace(/["\\]/g, "\\$&")}"`;
  if (Array.isArray(value)) return `[${value.map(write).join(",")}]`;
  if (value instanceof Map) {
    const entries = [...value].sort(([one], [other]) => byCodePoint(one, other));
    return `{${entries.map(([key, item]) => `${write(key)}:${write(item)}`).join(",")}}`;
  }
  return String(value);
}
