// The finished file: made from its sources, small, closed, valid HTML; and the vendored files as their author published them.
//
// PACKAGES is a folder for what is fetched from npm.

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { assemble } from "../../assemble.mjs";

const here = import.meta.dirname;
const page = readFileSync(join(here, "../../verify.html"), "utf8");
const vendor = join(here, "../../page/vendor");

/** The aim for people on slow lines. */
const MOST_BYTES = 40_000;

function packages(...wanted) {
  const folder = join(process.env.PACKAGES, wanted.join("+").replaceAll("/", "-"));
  if (!existsSync(join(folder, "node_modules"))) {
    mkdirSync(folder, { recursive: true });
    execFileSync("npm", ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", folder, ...wanted], { stdio: "pipe" });
  }
  return join(folder, "node_modules");
}

test("the page is what its sources make", () => {
  assert.ok(page === assemble(), "run `node crates/browser/assemble.mjs`");
});

test("the page is small", () => {
  const { length } = gzipSync(page, { level: 9 });
  assert.ok(length < MOST_BYTES, `${length} bytes compressed`);
});

test("the policy names exactly the script and the style of the page", () => {
  const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)[1];
  for (const [directive, pattern] of [["script-src", /<script type="module">([^]*?)<\/script>/], ["style-src", /<style>([^]*?)<\/style>/]]) {
    const hash = createHash("sha256").update(pattern.exec(page)[1]).digest("base64");
    assert.ok(policy.includes(`${directive} 'sha256-${hash}';`), directive);
  }
  assert.ok(policy.startsWith("default-src 'none'; connect-src *;"));
  assert.equal(page.match(/<script/g).length, 2);
});

test("the page loads nothing and reads nothing as HTML", () => {
  assert.ok(!/\b(src|srcset|integrity)=/.test(page.replace(/-src '[^']*'/g, "")), "something is loaded");
  assert.ok(!/<(link|iframe|img|object|embed)\b/.test(page));
  for (const word of ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "document.cookie", ".json()"]) {
    assert.ok(!page.includes(word), word);
  }
});

test("there is one place for the pin, and it is no script", () => {
  const trust = /<script type="application\/json" id="trust">\n(.*)\n<\/script>/.exec(page);
  assert.deepEqual(JSON.parse(trust[1]), { root_sha256: "", mirrors: [] });
});

test("the vendored files are as published", () => {
  const modules = packages("@noble/ed25519@3.2.0", "@noble/hashes@2.4.0");
  const same = (ours, theirs) => {
    assert.ok(readFileSync(join(vendor, ours)).equals(readFileSync(join(modules, "@noble", theirs))), ours);
  };
  same("noble-ed25519.js", "ed25519/index.js");
  same("LICENSE-noble-ed25519", "ed25519/LICENSE");
  same("LICENSE-noble-hashes", "hashes/LICENSE");
  for (const file of ["sha2.js", "_md.js", "_u64.js", "utils.js"]) same(file, `hashes/${file}`);
  const lock = readFileSync(join(modules, "../package-lock.json"), "utf8");
  for (const [integrity] of readFileSync(join(vendor, "README.md"), "utf8").matchAll(/sha512-[\w+/=]+/g)) {
    assert.ok(lock.includes(integrity), integrity);
  }
});

test("the page is valid HTML", () => {
  const modules = packages("html-validate@9.7.1");
  const config = join(here, "html-validate.json");
  execFileSync(process.execPath, [join(modules, ".bin/html-validate"), "--config", config, join(here, "../../verify.html")], { stdio: "pipe" });
});
