// The results before people's eyes.

import { el, said, shape } from "./dom.js";
import { span, utc } from "./words.js";
import { authentic, version } from "./visit.js";

const NAMES = {
  fresh: "Authentic and fresh",
  stale: "Authentic, but stale",
  not_authentic: "Not authentic",
  unreachable: "Could not check",
};

const at = (time) => el("time", { datetime: new Date(time).toISOString() }, utc(time));

/** Until when a result may be believed: the first expiry of what was verified, or what the word itself says. */
export function until({ report, status }) {
  const times = [...report.roles.map((role) => role.expires), status?.staleAfter].filter((time) => Number.isFinite(time));
  return Math.min(...times);
}

/** One sentence for everybody, also read aloud. */
export function summary(results, now) {
  const count = (verdict) => results.filter(({ report }) => report.verdict === verdict).length;
  const parts = Object.keys(NAMES).filter(count).map((verdict) => `${NAMES[verdict].toLowerCase()}: ${count(verdict)}`);
  const mirrors = results.length === 1 ? "1 mirror" : `${results.length} mirrors`;
  const best = results[0];
  const believe = best?.report.verdict === "fresh" ? ` Believe it until ${utc(until(best))}.` : "";
  return `Checked ${mirrors} at ${utc(now)}: ${parts.join(", ")}.${believe}`;
}

/** What the publisher says, from verified bytes only. */
export function word(result, now) {
  const { status, report } = result;
  if (!status) {
    return el("section", { "aria-labelledby": "word" }, el("h2", { id: "word" }, "What the publisher says"),
      el("p", {}, "The metadata is authentic, but there is no status.json behind it that this page can read."));
  }
  const fresh = report.verdict === "fresh";
  return el("section", { class: `word ${report.verdict}`, "aria-labelledby": "word" },
    el("h2", { id: "word" }, shape(report.verdict), fresh ? "What the publisher says" : "What the publisher said last"),
    status.drill && el("p", { class: "notice" }, "This is a rehearsal: ", said(status.drill)),
    el("p", { class: "organisation" }, said(status.organisation)),
    said(status.headline, "p", { class: "headline" }),
    el("p", {}, age(result, now)),
    status.asOf > now + 10 * 60_000 && el("p", { class: "notice" },
      "The word is dated in the future. The clock of this device is probably behind; then “fresh” says too little."),
    status.components.length > 0 && el("ul", { class: "components" }, status.components.map(component)),
    affairs(fresh ? "Known incidents" : "Incidents known then", status.current),
    affairs(fresh ? "Announced work" : "Work announced then", status.work),
    affairs("False messages that are not from the publisher", status.denials),
  );
}

function age({ report, status }, now) {
  const asOf = status.asOf === null ? "" : ["Said at ", at(status.asOf), `, ${span(now - status.asOf)} ago. `];
  if (report.verdict === "fresh") {
    const end = until({ report, status });
    return el("span", {}, asOf, "Believe it until ", el("strong", {}, at(end)), `, for another ${span(end - now)}; then check again.`);
  }
  return el("span", {}, asOf, "Nobody has confirmed it since ", el("strong", {}, at(report.since)),
    `, that is for ${span(now - report.since)}. Things may have changed.`);
}

const IMPACTS = { partial: "slower or partly failing", total: "not usable" };
const impact = (name) => (name === null ? "no known problem" : (IMPACTS[name] ?? name));
const component = ({ name, impact: how }) =>
  el("li", { class: how === null ? "calm" : "troubled" }, said(name), ": ", said(impact(how)));

const affairs = (title, list) => list.length > 0 && [el("h3", {}, title), list.map(incident)];

function incident({ id, title, status, withdrawn, starts, ends, impact: how, components, published, next, sections }) {
  return el("article", {},
    el("h4", {}, said(title ?? id)),
    withdrawn && el("p", { class: "notice" }, "This statement was withdrawn."),
    el("p", {}, said([id, status, how && impact(how)].filter(Boolean).join(" · ")), components.length > 0 ? ": " : null,
      components.map((name, i) => [i > 0 ? ", " : "", said(name)])),
    starts !== null && ends !== null && el("p", {}, "From ", at(starts), " to ", at(ends), "."),
    el("p", {}, published === null ? null : ["Said at ", at(published), ". "], next === null ? null : ["Next word by ", at(next), "."]),
    sections.map(({ heading, paragraphs }) => [
      said(heading, "h5"),
      paragraphs.map((lines) => said("", "p")).map((p, i) => {
        p.append(...paragraphs[i].flatMap((line, n) => (n > 0 ? [el("br"), line] : [line])));
        return p;
      }),
    ]),
  );
}

/** Where the publisher speaks, from verified bytes only. */
export function directory({ directory }) {
  if (!directory || directory.channels.length + directory.emergency.length === 0) return null;
  const item = ({ name, kind, note, address, link }) => el("li", {}, said(name ?? kind), ": ",
    link ? el("a", { href: link, rel: "noopener noreferrer" }, said(address)) : said(address),
    note && [" (", said(note), ")"]);
  const part = (title, channels) => channels.length > 0 && [el("h3", {}, title), el("ul", {}, channels.map(item))];
  return el("section", { "aria-labelledby": "directory" },
    el("h2", { id: "directory" }, "Official channels"),
    el("p", {}, "The publisher signed this list. What is not in it may be somebody else."),
    part("In an emergency", directory.emergency),
    part("Where they speak", directory.channels));
}

/** A mirror and its verdict. */
export function mirror(result, newest, now) {
  const { address, report, named } = result;
  const behind = newest && authentic(result) && version(report, "timestamp") < version(newest.report, "timestamp");
  return el("li", { class: `mirror ${report.verdict}`, "data-verdict": report.verdict },
    el("h3", {}, shape(report.verdict), NAMES[report.verdict]),
    el("p", { class: "address" }, said(address, "bdi", { dir: "ltr" }), named ? " (named by the publisher)" : null),
    explain(report, now),
    behind && el("p", {}, "Another mirror has a newer word than this one."),
    evidence(report, now));
}

function explain(report, now) {
  switch (report.verdict) {
    case "fresh":
      return el("p", {}, "Every signature, hash and version is good, and nothing has expired.");
    case "stale":
      return el("p", {}, "Every signature, hash and version is good, but something expired at ", at(report.since),
        `: ${span(now - report.since)} ago. It is what they said then. Try another mirror.`);
    case "not_authentic":
      return [
        el("p", {}, "Do not rely on this mirror. Something is not what the publisher signed, or is older than what was seen before:"),
        el("ul", {}, report.what.map((finding) => said(finding, "li"))),
        el("p", {}, "If an update is being published at this moment, this passes within a minute: check again. Otherwise tell the publisher by another way."),
      ];
    default:
      return [
        el("p", {}, said(report.reason), "."),
        el("p", {}, "This says nothing about whether it is authentic. Try another mirror."),
      ];
  }
}

function evidence(report, now) {
  if (report.roles.length === 0) return null;
  const role = ({ name, version: number, expires }) => el("li", {}, said(name), ` version ${number}, `,
    expires <= now ? ["expired ", at(expires), ` (${span(now - expires)} ago)`] : ["expires ", at(expires), ` (in ${span(expires - now)})`]);
  return el("details", {}, el("summary", {}, "Evidence"),
    el("ul", {}, report.roles.map(role)),
    el("p", {}, `${report.files === 1 ? "1 file" : `${report.files} files`} compared with what was signed. Trusted root: SHA-256 `,
      el("code", {}, report.trusted_root)));
}

/** What can be said about an older state put back. */
export function rollback(compared, storage) {
  if (storage) return el("p", { class: "notice" }, `${storage}. An older state put back cannot be excluded.`);
  if (compared) return el("p", {}, "Compared with what this browser saw on earlier visits: an older state put back would have been noticed.");
  return el("p", { class: "notice" },
    "This is the first visit with this browser, or its storage was wiped since: the two cannot be told apart. An older state put back cannot be excluded this time. From the next check on it is noticed.");
}
