// One check of one mirror. Every outcome is a verdict; there is no other kind of failure.

import { Chain } from "./chain.js";
import { compare } from "./content.js";
import { FINDINGS } from "./limits.js";
import { Forged, Unreachable } from "./problem.js";
import { printable } from "./text.js";

/** What nobody has seen yet. */
export const NOTHING = Object.freeze({ roots: [], timestamp: null, snapshot: null });

const EXIT_CODES = { fresh: 0, stale: 3, not_authentic: 4, unreachable: 5 };

/**
 * Checks `mirror` (`{ name, fetch(path, limit) }`) against the pinned `root` and what was `remembered`, at `now` in
 * milliseconds: what people read now, or `everything` that was ever signed. Gives the report, what to remember, and the
 * verified bytes by path.
 */
export async function verify({ mirror, root, remembered, now, everything, crypto }) {
  const seen = remembered ?? NOTHING;
  let chain = null;
  let verdict;
  let read = { compared: 0, files: new Map() };
  try {
    chain = await Chain.start(root, seen, crypto);
    await chain.walk(mirror, everything);
    read = await compare(chain, mirror, everything);
  } catch (error) {
    verdict = failure(error);
  }
  const roles = chain ? rolesOf(chain, now) : [];
  verdict ??= freshness(roles, now);
  return {
    report: {
      mirror: printable(mirror.name),
      trusted_root: await crypto.hash("sha256", root),
      checked_at: now,
      ...verdict,
      exit_code: EXIT_CODES[verdict.verdict],
      rollback: seen.timestamp === null ? "cannot_be_excluded" : "compared",
      roles,
      files: read.compared,
    },
    remember: chain ? chain.memory : seen,
    files: read.files,
  };
}

function failure(error) {
  if (error instanceof Forged) return allForged(error.what);
  // Anything else is a mistake of ours; then too, nothing was shown to be authentic.
  const reason = error instanceof Unreachable ? error.message : `this page failed: ${error}`;
  return { verdict: "unreachable", reason: printable(reason) };
}

function allForged(findings) {
  const what = findings.slice(0, FINDINGS).map((finding) => printable(finding));
  if (findings.length > FINDINGS) what.push(`and ${findings.length - FINDINGS} more`);
  return { verdict: "not_authentic", what };
}

function rolesOf(chain, now) {
  const { trusted, delegated } = chain;
  const named = [
    ["root", trusted.root],
    ["timestamp", trusted.timestamp],
    ["snapshot", trusted.snapshot],
    ...["targets", ...delegated].map((name) => [name, trusted.targets.get(name)]),
  ];
  return named
    .filter(([, role]) => role)
    // TUF 5.3.10: expired unless the expiration is later than the reference time.
    .map(([name, { version, expires }]) => ({ name, version, expires, expired: expires <= now }));
}

/** Fresh, or stale since the first of the roles expired. */
export function freshness(roles, now) {
  const over = roles.map((role) => role.expires).filter((expires) => expires <= now);
  if (over.length === 0) return { verdict: "fresh" };
  const since = Math.min(...over);
  return { verdict: "stale", since, age_seconds: Math.floor(now / 1000) - Math.floor(since / 1000) };
}
