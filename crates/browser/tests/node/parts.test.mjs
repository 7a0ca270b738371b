// The parts by themselves: JSON, canonical form, patterns, times, addresses, what a stranger's words may do.

import assert from "node:assert/strict";
import { test } from "node:test";

import { canonical, depthWithin, JsonError, parse } from "../../page/json.js";
import { newer, sound } from "../../page/memory.js";
import { readMetadata } from "../../page/metadata.js";
import { mirrorAddress } from "../../page/mirror.js";
import { matches, safePath } from "../../page/paths.js";
import { fromUtf8, printable, utf8 } from "../../page/text.js";

const read = (text) => parse(utf8(text));

test("JSON is read strictly", () => {
  assert.deepEqual(read(' {"a":[1,-2,true,null,"\\u00e9\\ud83d\\ude00"]} '), new Map([["a", [1, -2, true, null, "é😀"]]]));
  assert.equal(read("-9007199254740991"), Number.MIN_SAFE_INTEGER);
  for (const bad of [
    "", "{", '{"a":1,"a":1}', '{"a":1,"\\u0061":2}', "[1,]", '{"a":1,}', "01", "+1", "1.", "nul", "'a'", '"\t"', '"\\x"',
    '"\\ud800"', "[1] 2", "\ufeff1", "NaN", "1e999", "1.5", "1e3", "-0", "9007199254740992", "-9007199254740992", "- 1", "1a", '{"a" 1}', "[1 2]", "\u00a01", "[".repeat(40) + "1" + "]".repeat(40),
  ]) {
    assert.throws(() => read(bad), JsonError, bad);
  }
  assert.throws(() => parse(Uint8Array.of(0x22, 0xff, 0x22)), /UTF-8/);
  assert.equal(read('{"__proto__":1}').get("__proto__"), 1);
});

test("pages for programs may hold fractions", () => {
  assert.deepEqual(parse(utf8('[99.98,-1e-3,0,"x"]'), true), [99.98, -0.001, 0, "x"]);
  assert.throws(() => parse(utf8("[1.]"), true), JsonError);
});

test("values have one canonical form", () => {
  const check = (text, expect) => assert.equal(fromUtf8(canonical(read(text))), expect);
  check('{"b": 1, "a": [true, null, -2], "é": {}, "B": []}', '{"B":[],"a":[true,null,-2],"b":1,"é":{}}');
  check('"tab\\tnew\\nline \\"quoted\\" back\\\\slash \\u0007 /"', '"tab\tnew\nline \\"quoted\\" back\\\\slash \u0007 /"');
  // As UTF-8 sorts, and UTF-16 does not.
  check('{"\\ud83d\\ude00":1,"\\uffee":2}', '{"\uffee":2,"😀":1}');
});

test("nesting is counted outside strings", () => {
  const check = (text, max, expect) => assert.equal(depthWithin(utf8(text), max), expect, text);
  check("1", 0, true);
  check("[]", 0, false);
  check('{"a":[1,{"b":2}]}', 3, true);
  check('{"a":[1,{"b":2}]}', 2, false);
  check('["[[[[", "\\"[[[", "\\\\"]', 1, true);
  check("[".repeat(1000), 32, false);
});

test("patterns match part by part", () => {
  const check = (pattern, path, expect) => assert.equal(matches(pattern, path), expect, `${pattern} ${path}`);
  check("*.json", "status.json", true);
  check("*.json", "a/status.json", false);
  check("incidents/*", "incidents/INC-1.html", true);
  check("incidents/*", "incidents/2025/INC-1.html", false);
  check("**", "package", true);
  check("foo-[0-9].tgz", "foo-2.tgz", true);
  check("foo-[!0-9].tgz", "foo-2.tgz", false);
  check("foo-?.tgz", "foo-🦀.tgz", true);
  check("[]]", "]", true);
  check("a*b*c", "axxbyyc", true);
  check("a*b*c", "axxbyy", false);
  check("{one,two}", "{one,two}", true);
  for (const bad of ["a**", "***", "a[b", "[]", "[!]", "x**.json"]) assert.throws(() => matches(bad, "a"), bad);
  check("*a".repeat(200), "a".repeat(400) + "b", false);
});

test("paths stay below their base", () => {
  for (const good of ["index.html", "incidents/INC-7.html", ".well-known/security.txt"]) assert.ok(safePath(good), good);
  for (const bad of ["", "/", "/etc", "../x", "a/../b", "a//b", "a/", "./a", ".hidden", "a\\b", "a b", "a?b", "a%2e", "ä", "a:b", "a\n", "a".repeat(513)]) {
    assert.ok(!safePath(bad), JSON.stringify(bad));
  }
});

test("times are dates that exist", () => {
  const at = (expires) =>
    readMetadata(utf8(JSON.stringify({ signatures: [], signed: { _type: "timestamp", spec_version: "1.0", version: 1, expires, meta: {} } })), "timestamp").expires;
  assert.equal(at("2026-11-21T02:10:00Z"), Date.UTC(2026, 10, 21, 2, 10));
  assert.equal(at("2028-02-29T00:00:00+01:00"), Date.UTC(2028, 1, 28, 23));
  for (const bad of ["2026-02-30T00:00:00Z", "2026-13-01T00:00:00Z", "2026-11-21T24:00:00Z", "2026-11-21", "yesterday", "2026-11-21T02:10:00", ""]) {
    assert.throws(() => at(bad), bad);
  }
});

test("a stranger's words neither turn the text around nor run on", () => {
  assert.equal(printable("a\u202eb\u0000c\nd"), "a\ufffdb\ufffdc\ufffdd");
  assert.equal(printable("x".repeat(500)), `${"x".repeat(400)}…`);
  assert.equal(printable("😀".repeat(400)), "😀".repeat(400));
});

test("addresses of mirrors", () => {
  const check = (text, expect) => assert.equal(mirrorAddress(text), expect, text);
  check(" https://status.example.org/ ", "https://status.example.org");
  check("status.example.org/a/", "https://status.example.org/a");
  check("http://127.0.0.1:8000/m", "http://127.0.0.1:8000/m");
  for (const bad of ["", "ftp://a", "javascript://a", "data:,x", "https://u:p@a", "https://a/?q", "https://a/#x", "https://"]) check(bad, null);
});

test("memories are compared by the root, then by the timestamp", () => {
  const file = (version) => `{"signed":{"version":${version}}}`;
  const seen = (root, timestamp) => ({ roots: root ? [file(root)] : [], timestamp: timestamp ? file(timestamp) : null, snapshot: null });
  assert.ok(newer(seen(0, 2), seen(0, 1)));
  assert.ok(!newer(seen(0, 1), seen(0, 1)));
  assert.ok(newer(seen(2, 1), seen(0, 9)));
  assert.ok(newer(seen(10, 1), seen(9, 5)));
  assert.ok(sound(seen(0, 1)));
  for (const bad of [null, undefined, {}, { roots: [1], timestamp: null, snapshot: null }, { roots: [], timestamp: 5, snapshot: null }]) assert.ok(!sound(bad));
});
