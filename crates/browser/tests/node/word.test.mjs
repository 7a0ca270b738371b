// The verifier over words of our own house: what a reader of the present loads, and what floors do.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { native, pure } from "../../page/crypto.js";
import { HttpMirror } from "../../page/mirror.js";
import { verify } from "../../page/verification.js";
import { House } from "./house.mjs";
import { serve } from "./server.mjs";

const now = Date.UTC(2026, 10, 21, 2, 10);
const pages = { "status.json": '{"format":1}', "index.html": "<p>fine</p>" };
const mirrors = {};
let server;

before(async () => {
  server = await serve(mirrors);
});
after(() => server.close());

function check(name, house, more = {}) {
  const mirror = new HttpMirror(server.address(name));
  return verify({ mirror, root: house.roots[0], remembered: null, now, everything: false, crypto: native, ...more });
}

for (const crypto of [native, pure]) {
  test(`a good word is fresh, and the archive is not fetched: ${crypto.name}`, async () => {
    const house = new House(now);
    mirrors.good = { files: house.word(2, pages) };
    server.asked.length = 0;
    const { report, files, remember } = await check("good", house, { crypto });
    assert.equal(report.verdict, "fresh");
    assert.equal(report.rollback, "cannot_be_excluded");
    assert.deepEqual([...files.keys()], ["index.html", "status.json"]);
    const asked = server.asked.map(({ path }) => path);
    assert.ok(!asked.some((path) => path.includes("2025")), asked.join());
    assert.equal(asked.length, 7, asked.join());

    const all = await check("good", house, { crypto, everything: true, remembered: remember });
    assert.deepEqual([all.report.verdict, all.report.files, all.report.rollback], ["fresh", 6, "compared"]);
    assert.deepEqual(all.report.roles.map((role) => role.name), ["root", "timestamp", "snapshot", "targets", "incidents-2025", "status"]);
  });
}

test("an older word after a newer one is told", async () => {
  const house = new House(now);
  mirrors.new = { files: house.word(3, pages) };
  mirrors.old = { files: house.word(2, pages) };
  const { remember } = await check("new", house);
  const { report } = await check("old", house, { remembered: remember });
  assert.equal(report.verdict, "not_authentic");
  assert.match(report.what[0], /an older state was put back: timestamp is at version 20, but version 30 was seen before/);
});

test("a new key of the timestamp resets the floors", async () => {
  const house = new House(now);
  mirrors.far = { files: house.word(1_000_000, pages) };
  const { remember } = await check("far", house);
  house.rotate("timestamp", 77);
  mirrors.back = { files: house.word(4, pages) };
  const { report, remember: later } = await check("back", house, { remembered: remember });
  assert.equal(report.verdict, "fresh", JSON.stringify(report));
  assert.equal(later.roots.length, 1);
  assert.match(later.timestamp, /"version":40/);
});

test("what was remembered proves itself anew", async () => {
  const house = new House(now);
  mirrors.mine = { files: house.word(2, pages) };
  const { remember } = await check("mine", house);
  for (const bent of [
    { ...remember, timestamp: remember.timestamp.replace('"version":20', '"version":21') },
    { ...remember, roots: ["{}"] },
    { ...remember, snapshot: "nonsense" },
  ]) {
    const { report } = await check("mine", house, { remembered: bent });
    assert.equal(report.verdict, "unreachable");
    assert.match(report.reason, /damaged/);
  }
});

test("a reader asks without cookies, referrer or cache, and never follows a redirect", async () => {
  const house = new House(now);
  mirrors.elsewhere = { files: house.word(2, pages), server: { "metadata/timestamp.json": { redirect: "/good/metadata/timestamp.json" } } };
  server.asked.length = 0;
  const { report } = await check("elsewhere", house);
  assert.equal(report.verdict, "unreachable");
  assert.ok(server.asked.every(({ name }) => name === "elsewhere"));
  for (const { headers } of server.asked) {
    assert.equal(headers.cookie, undefined);
    assert.equal(headers.referer, undefined);
    assert.equal(headers["cache-control"], "no-cache");
  }
});

test("answers that never end, never come, or are cut", async () => {
  const house = new House(now);
  const files = house.word(2, pages);
  const timestamp = "metadata/timestamp.json";
  const bent = async (fault) => {
    mirrors.bent = { files, server: { [timestamp]: fault } };
    const mirror = new HttpMirror(server.address("bent"), undefined, 0.2);
    return (await check("bent", house, { mirror })).report;
  };
  assert.match((await bent({ endless: true })).what[0], /longer than 16384 bytes/);
  assert.match((await bent({ hang: true })).reason, /took too long/);
  assert.equal((await bent({ truncate: 40 })).verdict, "unreachable");
  assert.match((await bent({ status: 500 })).reason, /status 500/);
  assert.match((await bent({ status: 404 })).reason, /does not have it/);
});
