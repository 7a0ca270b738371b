// The files behind the metadata: each signed target, and the page of the same path at the top of the mirror.

import { AT_ONCE, KEPT_BYTES, PRESENT, TARGET_BYTES, TARGETS } from "./limits.js";
import { safePath } from "./paths.js";
import { AllForged, FetchError, Forged, Unreachable } from "./problem.js";
import { STATUS } from "./chain.js";
import { byCodePoint } from "./text.js";

/** What the page shows, and so keeps whatever else it compares. */
const SHOWN = ["status.json", "directory.json"];

/**
 * Compares the files of the present, or `everything`: targets too. Gives how many were compared, and their bytes by path.
 * A forged file outranks one that cannot be read, and that one a missing one.
 */
export async function compare(chain, mirror, everything) {
  const signed = (await listed(chain)).filter(([path, { role }]) => everything || (role === STATUS && PRESENT.includes(path)));
  const places = signed.flatMap(([path, { file }]) => placesOf(chain, path, file, everything));
  const kept = places.reduce((sum, { file }) => sum + file.length, 0);
  if (!everything && kept > KEPT_BYTES) throw new Forged(`${STATUS} lists ${kept} bytes, more than a reader accepts`);
  const found = { forged: [], down: [], missing: [], compared: 0, files: new Map() };
  for (let i = 0; i < places.length && found.down.length === 0; i += AT_ONCE) {
    const answers = await Promise.all(places.slice(i, i + AT_ONCE).map((place) => one(chain, mirror, place)));
    for (const [kind, what, path] of answers) {
      if (kind !== "same") found[kind].push(what);
      else {
        found.compared += 1;
        if (!everything || SHOWN.includes(path)) found.files.set(path, what);
      }
    }
  }
  const { forged, down, missing } = found;
  if (forged.length > 0) throw new AllForged(forged);
  if (down.length > 0) throw new Unreachable(down[0]);
  if (missing.length === 1) throw new Unreachable(`${missing[0]} is signed but missing`);
  if (missing.length > 1) throw new Unreachable(`${missing[0]} and ${missing.length - 1} more are signed but missing`);
  return found;
}

/** Every signed target once, the earliest role first, each within what its role may speak for. */
async function listed(chain) {
  const found = new Map();
  for (const name of ["targets", ...chain.delegated]) {
    const delegation = chain.delegations().find((role) => role.name === name);
    const targets = [...chain.trusted.targets.get(name).targets].sort(([one], [other]) => byCodePoint(one, other));
    for (const [path, file] of targets) {
      if (!safePath(path)) throw new Forged(`${name} lists a forbidden path: ${path}`);
      if (delegation && !(await chain.covers(delegation, path))) {
        throw new Forged(`${name} lists ${path}, for which it has no authority`);
      }
      if (file.length > TARGET_BYTES || found.size >= TARGETS) {
        throw new Forged(`${name} lists more than a reader accepts: ${path}`);
      }
      if (!found.has(path)) found.set(path, { role: name, file });
    }
  }
  return [...found];
}

function placesOf(chain, path, file, everything) {
  const hash = file.hashes.get("sha256");
  const page = { place: path, path, file, hash, wrong: "at the top of the mirror is not the signed page" };
  if (!everything) return [page];
  const name = path.slice(path.lastIndexOf("/") + 1);
  const dir = path.slice(0, path.length - name.length);
  const place = chain.trusted.root.consistent ? `targets/${dir}${hash}.${name}` : `targets/${path}`;
  return [{ place, path, file, hash, wrong: "does not match its signed length and hash" }, page];
}

/** What a place holds: `["same", bytes, path]`, or a kind of trouble and what to say of it. */
async function one(chain, mirror, { place, path, file, hash, wrong }) {
  if (hash === undefined) return ["forged", `${path} is signed without a SHA-256 hash`];
  try {
    const bytes = await mirror.fetch(place, file.length);
    const same = bytes.length === file.length && (await chain.crypto.hash("sha256", bytes)) === hash;
    return same ? ["same", bytes, path] : ["forged", `${place} ${wrong}`];
  } catch (error) {
    if (!(error instanceof FetchError)) throw error;
    if (error.kind === "too_large") return ["forged", `${place} ${wrong}`];
    return error.kind === "not_found" ? ["missing", place] : ["down", `${place}: ${error.message}`];
  }
}
