// The page: what is trusted, which mirrors, check, show, and notice when time makes a fresh word stale.

import { best } from "./crypto.js";
import { el } from "./dom.js";
import { MIRRORS } from "./limits.js";
import { Memory } from "./memory.js";
import { mirrorAddress } from "./mirror.js";
import { readPin, readRoot } from "./pin.js";
import * as show from "./show.js";
import { fromUtf8, utf8 } from "./text.js";
import { freshness } from "./verification.js";
import { visit } from "./visit.js";

const $ = (id) => document.getElementById(id);
/** How often the clock is looked at, in milliseconds. */
const TICK = 10_000;

/** Between the timestamp and the last page of an update lies less than this on most mirrors; in milliseconds. */
const LOOK_AGAIN = 2_000;

let crypto;
let memory = null;
/** Why nothing is remembered, or `null`. */
let storage = null;
/** A root.json that was chosen or dropped, byte by byte. */
let chosen = null;
/** What this page saw since it was opened, where storage is missing. */
const session = new Map();
let shown = null;

async function start() {
  crypto = await best();
  $("crypto").textContent = crypto.name === "WebCrypto" ? "the browser’s own (WebCrypto)" : "the noble libraries in this file";
  memory = await Memory.open().catch((error) => {
    storage = sentence(error.message);
    return null;
  });
  const given = JSON.parse($("trust").textContent);
  const last = await memory?.settings().catch(() => undefined);
  $("root").value = given.root_sha256 || last?.root || last?.sha256 || "";
  $("mirrors").value = (given.mirrors?.length ? given.mirrors : (last?.mirrors ?? [])).join("\n");
  if (given.root_sha256) {
    $("pinned").hidden = false;
    $("root").readOnly = true;
    $("file").disabled = true;
  }
  origin();
  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    check();
  });
  $("file").addEventListener("change", () => take($("file").files[0]));
  $("root").addEventListener("input", () => choose(null));
  $("forget").addEventListener("click", forget);
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!$("file").disabled) take(event.dataTransfer?.files[0]);
  });
  setInterval(tick, TICK);
  $("form").removeAttribute("aria-busy");
  $("check").disabled = false;
  if ($("root").value && $("mirrors").value) await check();
}

/** Where this page itself came from decides what it is worth. */
function origin() {
  if (!location.protocol.startsWith("http")) return;
  $("origin").hidden = false;
  $("host").textContent = location.host;
}

async function take(file) {
  if (!file) return;
  try {
    const { root } = readRoot(new Uint8Array(await file.arrayBuffer()));
    $("root").value = fromUtf8(root);
    choose(root);
    say(`Took ${file.name}. Its SHA-256 is ${await crypto.hash("sha256", root)}: compare it with what you were told by another way.`);
  } catch (error) {
    fail("root", error.message);
  }
}

function choose(root) {
  chosen = root;
}

function input() {
  const pin = chosen ? { root: chosen } : read("root", () => readPin($("root").value));
  const lines = $("mirrors").value.split(/\s+/).filter(Boolean);
  const mirrors = read("mirrors", () => {
    if (lines.length === 0) throw new Error("Give the address of at least one mirror.");
    if (lines.length > MIRRORS) throw new Error(`At most ${MIRRORS} mirrors at a time.`);
    return lines.map((line) => {
      const address = mirrorAddress(line);
      if (!address) throw new Error(`${line} is not an address that begins with https:// or http://.`);
      return address;
    });
  });
  return pin && mirrors && { pin, mirrors: [...new Set(mirrors)] };
}

function read(field, how) {
  try {
    const value = how();
    $(field).removeAttribute("aria-invalid");
    $(`${field}-error`).textContent = "";
    return value;
  } catch (error) {
    fail(field, error.message);
    return null;
  }
}

function fail(field, message) {
  $(`${field}-error`).textContent = message;
  $(field).setAttribute("aria-invalid", "true");
  document.querySelector("[aria-invalid]").focus();
}

async function check() {
  const given = input();
  if (!given || $("check").disabled) return;
  $("check").disabled = true;
  $("results").setAttribute("aria-busy", "true");
  say("Checking …");
  try {
    await judge(given);
  } catch (error) {
    // A mistake of ours must not look like an answer.
    shown = null;
    $("results").replaceChildren();
    say(`This page failed and says nothing about any mirror: ${error.message}`);
  } finally {
    $("check").disabled = false;
    $("results").removeAttribute("aria-busy");
  }
}

async function judge({ pin, mirrors }) {
  const sha256 = pin.sha256 ?? (await crypto.hash("sha256", pin.root));
  let remembered = session.get(sha256) ?? null;
  let kept = null;
  if (memory) {
    try {
      kept = await memory.seen(sha256);
      remembered = kept ?? remembered;
    } catch (error) {
      say(`Could not check: ${error.message}.`);
      $("results").replaceChildren(el("p", { class: "notice" },
        `Could not check: ${error.message}. “Forget earlier visits” is at the end of the form.`));
      shown = null;
      return;
    }
  }
  if (!pin.root && remembered?.root) pin = { ...pin, root: utf8(remembered.root) };
  const began = performance.now();
  let doing = "Checking …";
  const heard = (done, all) => say(`${doing} ${done} of ${all} mirrors answered.`);
  const again = () => {
    doing = "A mirror looks forged, as one does while an update is written to it. Looking once more …";
    say(doing);
    return new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN));
  };
  const everything = $("everything").checked;
  const { results, remember, now } = await visit({ pin, mirrors, remembered, clock: Date.now, everything, crypto, heard, again });
  const root = results.find((result) => result.root)?.root;
  if (remember && root) {
    const seen = { ...remember, root: fromUtf8(root) };
    session.set(sha256, seen);
    await keep(sha256, seen, { sha256, root: pin.root ? $("root").value.trim() : null, mirrors });
  }
  shown = { results, compared: remembered?.timestamp != null, now, took: performance.now() - began };
  draw(now);
  say(show.summary(results, now));
}

async function keep(sha256, seen, settings) {
  if (!memory) return;
  try {
    await memory.keep(sha256, seen);
    await memory.keepSettings(settings);
    storage = null;
  } catch (error) {
    storage = sentence(error.message);
  }
}

function draw(now) {
  const { results, compared } = shown;
  const newest = results.find(({ report }) => ["fresh", "stale"].includes(report.verdict));
  $("results").replaceChildren(...[
    newest ? show.word(newest, now) : null,
    newest ? show.directory(newest) : null,
    el("section", { "aria-labelledby": "judged" },
      el("h2", { id: "judged" }, "The mirrors"),
      show.rollback(compared, storage),
      el("ul", { class: "mirrors" }, results.map((result) => show.mirror(result, newest, now)))),
  ].filter(Boolean));
  $("results").dataset.took = String(Math.round(shown.took));
}

/** A word that was fresh when it was checked does not stay so. */
function tick() {
  if (!shown) return;
  const now = Date.now();
  let changed = false;
  for (const { report } of shown.results) {
    if (report.verdict !== "fresh") continue;
    Object.assign(report, freshness(report.roles, now));
    changed ||= report.verdict !== "fresh";
  }
  if (!changed) return;
  draw(now);
  say("What was fresh when it was checked has become stale. Check again.");
}

async function forget() {
  try {
    const { pin } = input() ?? {};
    if (!pin) return;
    const sha256 = pin.sha256 ?? (await crypto.hash("sha256", pin.root));
    session.delete(sha256);
    await memory?.forget(sha256);
    say("Forgotten. The next check is like a first visit.");
  } catch (error) {
    say(error.message);
  }
}

function say(text) {
  $("announcement").textContent = text;
}

const sentence = (text) => text.charAt(0).toUpperCase() + text.slice(1);

start();
