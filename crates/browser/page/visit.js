// One visit of several mirrors of one publisher: each is judged by itself, with the same clock reading and the same memory.

import { newer } from "./memory.js";
import { MIRRORS, PRESENT_SECONDS } from "./limits.js";
import { HttpMirror } from "./mirror.js";
import { PinError, rootOf } from "./pin.js";
import { verify } from "./verification.js";
import { readDirectory, readStatus } from "./word.js";

/**
 * Judges each of `mirrors`, then those that verified words name. Gives the results, the newest valid word first, and the
 * newest that is worth remembering.
 */
export async function visit({ pin, mirrors, remembered, now, everything, crypto, heard }) {
  const results = [];
  const known = new Set();
  const judge = async (address, named) => {
    known.add(address);
    const result = await one({ pin, address, remembered, now, everything, crypto });
    result.named = named;
    results.push(result);
    heard?.(results.length, known.size);
  };
  await Promise.all(mirrors.slice(0, MIRRORS).map((address) => judge(address, false)));
  const named = results.flatMap(({ status, directory }) => [...(status?.mirrors ?? []), ...(directory?.mirrors ?? [])]);
  const further = [...new Set(named)].filter((address) => !known.has(address)).slice(0, MIRRORS - known.size);
  await Promise.all(further.map((address) => judge(address, true)));
  results.sort(byNewest);
  let remember = remembered;
  for (const result of results) {
    if (result.remember && (!remember || newer(result.remember, remember))) remember = result.remember;
  }
  return { results, remember };
}

async function one({ pin, address, remembered, now, everything, crypto }) {
  const given = new AbortController();
  const late = everything ? null : setTimeout(() => given.abort(), PRESENT_SECONDS * 1000);
  const mirror = new HttpMirror(address, given.signal);
  const began = performance.now();
  try {
    const root = await rootOf(pin, mirror, crypto);
    const { report, remember, files } = await verify({ mirror, root, remembered, now, everything, crypto });
    const authentic = ["fresh", "stale"].includes(report.verdict);
    return {
      address,
      report,
      remember,
      root,
      status: authentic ? readStatus(files.get("status.json")) : null,
      directory: authentic ? readDirectory(files.get("directory.json")) : null,
      took: performance.now() - began,
    };
  } catch (error) {
    if (!(error instanceof PinError)) throw error;
    const rollback = remembered?.timestamp ? "compared" : "cannot_be_excluded";
    return { address, report: { ...error.verdict, roles: [], rollback, checked_at: now }, status: null, directory: null };
  } finally {
    clearTimeout(late);
  }
}

const ORDER = ["fresh", "stale", "not_authentic", "unreachable"];

/** The version of a role, or -1. */
export function version(report, role) {
  const found = report.roles.find(({ name }) => name === role);
  return found ? found.version : -1;
}

function byNewest(one, other) {
  const place = ({ report }) => Math.max(1, ORDER.indexOf(report.verdict));
  if (place(one) !== place(other)) return place(one) - place(other);
  for (const role of place(one) === 1 ? ["root", "timestamp"] : []) {
    const [a, b] = [version(one.report, role), version(other.report, role)];
    if (a !== b) return a > b ? -1 : 1;
  }
  return one.address < other.address ? -1 : 1;
}
