// Puts verify.html together from page/: `node assemble.mjs` writes it, `node assemble.mjs --check` compares.
//
// No bundler and nothing renamed: each module becomes a function that gives its exports, in the order in which they need each
// other. Lines that are comments only are left out, but for what each module says at its head: the page has to stay below
// 40 kB, and the whole sources lie in page/. The files in page/vendor are as published.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const PAGE = join(HERE, "page");
const OUTPUT = join(HERE, "verify.html");
const NAME = "[A-Za-z_$][\\w$]*";

/** A path relative to page/ becomes a name. */
const nameOf = (path) => `module_${path.replace(/\.js$/, "").replace(/\W+/g, "_")}`;

/** Every module that `path` needs, and itself, in order. */
function collect(path, seen = new Map()) {
  if (seen.has(path)) return seen;
  const source = readFileSync(join(PAGE, path), "utf8");
  const resolve = (from) => join(dirname(path), from);
  for (const [, from] of source.matchAll(/^import [^;]*? from "(\.[^"]+)";$/gm)) collect(resolve(from), seen);
  return seen.set(path, wrapped(path, source, resolve));
}

function wrapped(path, source, resolve) {
  const exported = [];
  const body = withoutComments(source)
    .replace(new RegExp(`^import \\* as (${NAME}) from "([^"]+)";$`, "gm"), (_, name, from) => `const ${name} = ${nameOf(resolve(from))};`)
    .replace(/^import (\{[^}]*\}) from "([^"]+)";$/gm, (_, names, from) => `const ${names.replace(/ as /g, ": ")} = ${nameOf(resolve(from))};`)
    .replace(/^export \{([^}]*)\};\n?/gm, (_, names) => {
      exported.push(...names.split(",").map((name) => name.trim()).filter(Boolean));
      return "";
    })
    .replace(new RegExp(`^export ((?:async )?function|const|class) (${NAME})`, "gm"), (_, kind, name) => {
      exported.push(name);
      return `${kind} ${name}`;
    });
  const left = /^\s*(import|export)\b.*$/m.exec(body);
  if (left) throw new Error(`${path}: this tool does not understand: ${left[0]}`);
  return `// ---- ${path}\nconst ${nameOf(path)} = (() => {\n${body.trimEnd()}\nreturn { ${exported.join(", ")} };\n})();\n`;
}

/** Leaves out lines that are nothing but comment, except licences and the comment at the head. */
function withoutComments(source) {
  const kept = [];
  let inside = false;
  let head = true;
  for (const line of source.split("\n")) {
    const text = line.trim();
    head &&= text.startsWith("// ") || text === "//";
    if (head) kept.push(line);
    else if (inside) inside = !text.endsWith("*/");
    else if (text.startsWith("/**")) inside = !text.endsWith("*/");
    else if (!text.startsWith("//") && text !== "") kept.push(line);
  }
  return kept.join("\n");
}

const hashOf = (text) => `sha256-${createHash("sha256").update(text).digest("base64")}`;

export function assemble() {
  const style = `\n${readFileSync(join(PAGE, "style.css"), "utf8")}`;
  const script = `\n${[...collect("main.js").values()].join("\n")}`;
  if (/<\/script|<!--/i.test(script)) throw new Error("a script must not hold the end of a script");
  const parts = { style, script, "style-hash": hashOf(style), "script-hash": hashOf(script) };
  return readFileSync(join(PAGE, "frame.html"), "utf8").replace(/\{\{([a-z-]+)\}\}/g, (_, part) => parts[part]);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const page = assemble();
  if (process.argv[2] === "--check") {
    if (readFileSync(OUTPUT, "utf8") !== page) {
      console.error("verify.html is not what page/ makes: run `node crates/browser/assemble.mjs`");
      process.exitCode = 1;
    }
  } else writeFileSync(OUTPUT, page);
}
