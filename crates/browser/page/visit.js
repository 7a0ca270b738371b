// One visit of several mirrors of one publisher: each is judged by itself, with the same clock reading and the same memory.

import { newer } from "./memory.js";
import { MIRRORS, PRESENT_SECONDS } from "./limits.js";
import { HttpMirror } from "./mirror.js";
import { PinError, rootOf } from "./pin.js";
import { verify } from "./verification.js";
import { readDirectory, readStatus } from "./word.js";

/**
 * Judges each of `mirrors`, then those that verified words name. Gives the results, the newest valid word first, the newest
 * that is worth remembering, and the time by which it was judged.
 *
 * A mirror to which an update is being written looks forged for a moment. So where one does, `again` is awaited, and all are
 * looked at once more before anything is said; what the first look verified counts as seen.
 */
export async function visit({ again, ...given }) {
  const first = await look(given);
  if (!first.results.some(forged)) return first;
  await again();
  return look({ ...given, remembered: first.remember });
}

async function look({ pin, mirrors, remembered, clock, everything, crypto, heard }) {
  const now = clock();
  const results = [];
  const known = new Set();
  const asked = { pin, remembered, now, everything, crypto };
  const judge = async (address, named) => {
    known.add(address);
    const result = await one({ ...asked, address });
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
  await Promise.all(results.map(async (result, i) => (results[i] = await lagging(result, results[0], asked))));
  return { results: results.sort(byNewest), remember, now };
}

/** What is older than was seen is refused where nothing newer is at hand; beside a newer word it only lags. */
async function lagging(result, best, asked) {
  if (!forged(result) || !authentic(best) || !asked.remembered) return result;
  const floorless = { ...asked.remembered, timestamp: null, snapshot: null };
  const found = await one({ ...asked, address: result.address, remembered: floorless });
  return authentic(found) && byVersion(best, found) < 0 ? { ...found, named: result.named } : result;
}

async function one({ pin, address, remembered, now, everything, crypto }) {
  const given = new AbortController();
  const late = everything ? null : setTimeout(() => given.abort(), PRESENT_SECONDS * 1000);
  const mirror = new HttpMirror(address, given.signal);
  const began = performance.now();
  try {
    const root = await rootOf(pin, mirror, crypto);
    const { report, remember, files } = await verify({ mirror, root, remembered, now, everything, crypto });
    const good = authentic({ report });
    return {
      address,
      report,
      remember,
      root,
      status: good ? readStatus(files.get("status.json")) : null,
      directory: good ? readDirectory(files.get("directory.json")) : null,
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
export const authentic = ({ report }) => ORDER.indexOf(report.verdict) < 2;
const forged = ({ report }) => report.verdict === "not_authentic";

/** The version of a role, or -1. */
export function version(report, role) {
  const found = report.roles.find(({ name }) => name === role);
  return found ? found.version : -1;
}

function byNewest(one, other) {
  const place = ({ report }) => Math.max(1, ORDER.indexOf(report.verdict));
  const words = authentic(one) ? byVersion(one, other) : 0;
  return place(one) - place(other) || words || (one.address < other.address ? -1 : 1);
}

function byVersion(one, other) {
  const order = (role) => version(other.report, role) - version(one.report, role);
  return order("root") || order("timestamp");
}
