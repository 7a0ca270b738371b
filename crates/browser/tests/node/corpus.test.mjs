// The verifier over the corpus of good and spoiled publications, by which the one in Rust is judged too. Every case is judged
// over HTTP, in both scopes, by both ways of checking signatures.
//
// CORPUS is the folder that `stentor-corpus write` makes.

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";

import { native, pure } from "../../page/crypto.js";
import { HttpMirror } from "../../page/mirror.js";
import { verify } from "../../page/verification.js";
import { serve } from "./server.mjs";

const corpus = process.env.CORPUS;
const mirrors = {};
let server;

before(async () => {
  server = await serve(mirrors);
});
after(() => server.close());

const names = readdirSync(corpus, { withFileTypes: true }).filter((entry) => entry.isDirectory()).map((entry) => entry.name);

test("the corpus is there", () => assert.ok(names.length >= 100, `only ${names.length} cases`));

describe("each case", { concurrency: 16 }, () => names.forEach(cases));

function cases(name) {
  const home = join(corpus, name);
  const given = JSON.parse(readFileSync(join(home, "case.json")));
  for (const folder of given.visits ?? []) mirrors[`${name}:${folder}`] = { files: join(home, folder) };
  mirrors[`${name}:mirror`] = { files: join(home, "mirror"), server: given.server };
  // Seconds for one file: short only where nothing will ever come.
  const patience = Object.values(given.server ?? {}).some(({ hang }) => hang) ? 2 : 60;
  for (const crypto of [native, pure]) {
    for (const everything of [true, false]) {
      test(`${name}: ${everything ? "everything" : "the present"}, ${crypto.name}`, async () => {
        const check = (folder, remembered, now) => {
          const mirror = new HttpMirror(server.address(`${name}:${folder}`), undefined, patience);
          const root = new Uint8Array(readFileSync(join(home, "root.json")));
          return verify({ mirror, root, remembered, now: Date.parse(now), everything, crypto });
        };
        let remembered = null;
        for (const folder of given.visits ?? []) {
          ({ remember: remembered } = await check(folder, remembered, given.visited ?? given.now));
        }
        const { report } = await check("mirror", remembered, given.now);
        const expect = everything ? given.expect : (given.present ?? given.expect);
        assert.equal(report.verdict, expect, `${given.describes} ${JSON.stringify(report)}`);
      });
    }
  }
}
