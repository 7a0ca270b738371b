// Several mirrors judged together: what looks forged is looked at once more, and what only lags is not called forged.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { native } from "../../page/crypto.js";
import { visit } from "../../page/visit.js";
import { House } from "./house.mjs";
import { serve } from "./server.mjs";

const now = Date.UTC(2026, 10, 21, 2, 10);
const house = new House(now);
const pages = (headline) => ({ "status.json": JSON.stringify({ format: 1, headline }), "index.html": "<p>fine</p>" });
const old = house.word(2, pages("Old"));
const good = house.word(3, pages("New"));
/** As it is between the timestamp and the last page. */
const torn = new Map([...good, ["status.json", old.get("status.json")]]);
const mirrors = {};
let server;

before(async () => {
  server = await serve(mirrors);
});
after(() => server.close());

/** Visits mirrors that hold `files` by name, and `later` after the wait. Gives the verdict of each, and how often was waited. */
async function look(files, later, remembered = null) {
  const put = (held) => Object.entries(held).forEach(([name, held]) => (mirrors[name] = { files: held }));
  put(files);
  let waits = 0;
  const again = async () => {
    waits += 1;
    put(later);
  };
  const given = { pin: { root: house.roots[0] }, everything: false, crypto: native, clock: () => now };
  const addresses = Object.keys(files).map((name) => server.address(name));
  const { results, remember } = await visit({ ...given, mirrors: addresses, remembered, again });
  const verdicts = Object.fromEntries(results.map(({ address, report }) => [address.split("/").at(-1), report.verdict]));
  return { verdicts, waits, remember, results };
}

test("nobody waits for a good mirror, nor for one that cannot be reached", async () => {
  const { verdicts, waits } = await look({ one: good, two: new Map() }, {});
  assert.deepEqual([verdicts, waits], [{ one: "fresh", two: "unreachable" }, 0]);
});

test("a mirror that heals in the meantime was not forged", async () => {
  const { verdicts, waits } = await look({ one: good, two: torn }, { two: good });
  assert.deepEqual([verdicts, waits], [{ one: "fresh", two: "fresh" }, 1]);
});

test("one that does not heal is looked at twice and no more", async () => {
  server.asked.length = 0;
  const { verdicts, waits } = await look({ one: torn }, {});
  assert.deepEqual([verdicts, waits], [{ one: "not_authentic" }, 1]);
  assert.equal(server.asked.filter(({ path }) => path === "metadata/timestamp.json").length, 2);
});

test("one that spoils in the meantime is forged", async () => {
  const { verdicts } = await look({ one: good, two: torn }, { one: torn, two: good });
  assert.deepEqual(verdicts, { one: "not_authentic", two: "fresh" });
});

test("what the first look verified counts as seen", async () => {
  const { verdicts, results } = await look({ one: torn }, { one: old });
  assert.deepEqual(verdicts, { one: "not_authentic" });
  assert.match(results[0].report.what[0], /an older state was put back/);
});

test("what is older than was seen lags beside the newer word, and alone is refused", async () => {
  const { remember } = await look({ one: good }, {});
  const beside = await look({ one: good, two: old }, {}, remember);
  assert.deepEqual([beside.verdicts, beside.waits], [{ one: "fresh", two: "fresh" }, 0]);
  assert.equal(beside.results[0].address, server.address("one"));
  assert.equal(beside.remember.timestamp, remember.timestamp);
  const alone = await look({ two: old }, {}, remember);
  assert.deepEqual([alone.verdicts, alone.waits], [{ two: "not_authentic" }, 1]);
  // Lagging excuses nothing else.
  const bent = new Map([...old, ["status.json", good.get("status.json")]]);
  const forged = await look({ one: good, two: bent }, {}, remember);
  assert.deepEqual(forged.verdicts, { one: "fresh", two: "not_authentic" });
});
