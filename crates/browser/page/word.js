// What the verified files say, made ready to be shown: texts only, bounded, whatever the files hold.

import { parse } from "./json.js";
import { MIRRORS } from "./limits.js";
import { mirrorAddress } from "./mirror.js";
import { printable } from "./text.js";

const MOST = 50;
const LONG = 4_000;

/** `status.json` as texts, times and lists, or `null`. */
export function readStatus(bytes) {
  const status = object(bytes);
  if (!status) return null;
  return {
    organisation: text(status, "organisation"),
    drill: text(status, "drill"),
    headline: text(status, "headline"),
    asOf: time(status, "as_of"),
    staleAfter: time(status, "stale_after"),
    components: list(status, "components").map((part) => ({ name: text(part, "name"), impact: text(part, "impact") })),
    current: list(status, "current").map(incident),
    work: list(status, "maintenance").filter((value) => value instanceof Map && value.get("over") === false).map(incident),
    denials: list(status, "denials").filter((value) => value instanceof Map && value.get("circulates") === true).map(incident),
    mirrors: [...mirrors(status), ...mirrors(status.get("directory"))],
  };
}

/** `directory.json` as `{ channels, emergency, mirrors }`, or `null`. */
export function readDirectory(bytes) {
  const directory = object(bytes);
  if (!directory) return null;
  return {
    channels: list(directory, "channels").map(channel),
    emergency: list(directory, "emergency").map(channel),
    mirrors: mirrors(directory),
  };
}

function incident(value) {
  // The newest statement stands first.
  const latest = list(value, "updates")[0] ?? new Map();
  return {
    id: text(value, "id"),
    impact: text(value, "impact"),
    components: list(value, "components").filter((name) => typeof name === "string").map((name) => printable(name)),
    title: text(latest, "title"),
    status: text(latest, "status"),
    withdrawn: typeof number(latest, "withdrawn_by") === "number",
    published: time(latest, "published"),
    next: time(latest, "next_update"),
    starts: time(value, "starts"),
    ends: time(value, "ends"),
    sections: list(latest, "sections").map((section) => ({
      heading: text(section, "heading"),
      paragraphs: (raw(section, "text") ?? "").slice(0, LONG).split(/\n{2,}/).map((paragraph) => lines(paragraph)),
    })),
  };
}

function channel(value) {
  const address = text(value, "address");
  return { name: text(value, "name"), kind: text(value, "kind"), note: text(value, "note"), address, link: link(address) };
}

/** Only what opens a page, a letter or a call. */
const link = (address) => (/^(https:\/\/|mailto:|tel:)[^\s]+$/.test(address ?? "") ? address : null);

function mirrors(value) {
  const named = list(value, "mirrors").map((entry) => (typeof entry === "string" ? entry : raw(entry, "url")));
  return [...new Set(named.map((address) => address && mirrorAddress(address)).filter(Boolean))].slice(0, MIRRORS);
}

function object(bytes) {
  try {
    const value = bytes && parse(bytes, true);
    return value instanceof Map ? value : null;
  } catch {
    return null;
  }
}

const number = (value, name) => (value instanceof Map ? value.get(name) : undefined);

function raw(value, name) {
  const found = value instanceof Map ? value.get(name) : undefined;
  return typeof found === "string" ? found : null;
}

const text = (value, name) => (raw(value, name) === null ? null : printable(raw(value, name)));
const lines = (paragraph) => paragraph.split("\n").map((line) => printable(line, LONG));

function list(value, name) {
  const found = value instanceof Map ? value.get(name) : undefined;
  return Array.isArray(found) ? found.slice(0, MOST) : [];
}

function time(value, name) {
  const at = Date.parse(raw(value, name) ?? "");
  return Number.isNaN(at) ? null : at;
}
