// Which paths are safe, and which a delegated role may speak for.

import { PATH_BYTES } from "./limits.js";
import { utf8 } from "./text.js";

/** Whether a path is relative, stays below its base and holds nothing surprising. Nothing is hidden but `.well-known`. */
export function safePath(path) {
  const segment = (part) => part !== "" && (!part.startsWith(".") || part === ".well-known");
  return path.length <= PATH_BYTES && /^[A-Za-z0-9/._\-@+~,=]+$/.test(path) && path.split("/").every(segment);
}

export class PatternError extends Error {}

/** Whether a delegation covers a path (TUF 1.0.34, 4.5). Throws `PatternError`: a pattern that cannot be read is no pattern. */
export async function covers(delegation, path, crypto) {
  if (delegation.prefixes) {
    const hash = await crypto.hash("sha256", utf8(path));
    return delegation.prefixes.some((prefix) => hash.startsWith(prefix));
  }
  return (delegation.paths ?? []).some((pattern) => matches(pattern, path));
}

/** Each part between slashes by itself: no star crosses a slash. */
export function matches(pattern, path) {
  const patterns = pattern.split("/").map(compile);
  const parts = path.split("/");
  return patterns.length === parts.length && patterns.every((tokens, i) => glob(tokens, [...parts[i]]));
}

function compile(pattern) {
  if (pattern === "**") return [STAR];
  const characters = [...pattern];
  const tokens = [];
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i];
    if (character === "*" && characters[i + 1] === "*") throw new PatternError("two stars side by side");
    if (character === "*") tokens.push(STAR);
    else if (character === "?") tokens.push(() => true);
    else if (character === "[") {
      const negated = characters[i + 1] === "!";
      const from = i + (negated ? 2 : 1);
      // A bracket that comes first stands for itself.
      const to = characters.indexOf("]", from + 1);
      if (to < 0) throw new PatternError("a bracket that does not close");
      const holds = characterClass(characters.slice(from, to));
      tokens.push(negated ? (c) => !holds(c) : holds);
      i = to;
    } else tokens.push((c) => c === character);
  }
  return tokens;
}

const STAR = Symbol("any number of characters");

function characterClass(characters) {
  const ranges = [];
  for (let i = 0; i < characters.length; i++) {
    const range = characters[i + 1] === "-" && i + 2 < characters.length;
    const [from, to] = [characters[i], characters[range ? i + 2 : i]].map((c) => c.codePointAt(0));
    ranges.push([from, to]);
    if (range) i += 2;
  }
  return (c) => ranges.some(([from, to]) => from <= c.codePointAt(0) && c.codePointAt(0) <= to);
}

/** Greedy with one way back, so that no pattern of a stranger takes more than length times length. */
function glob(tokens, characters) {
  let [t, c, star, mark] = [0, 0, -1, 0];
  while (c < characters.length) {
    if (t < tokens.length && tokens[t] === STAR) {
      star = t++;
      mark = c;
    } else if (t < tokens.length && tokens[t](characters[c])) {
      t += 1;
      c += 1;
    } else if (star >= 0) {
      t = star + 1;
      c = ++mark;
    } else return false;
  }
  while (tokens[t] === STAR) t += 1;
  return t === tokens.length;
}
