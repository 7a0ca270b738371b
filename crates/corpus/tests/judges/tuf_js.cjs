// What tuf-js says of each case. Arguments: folder of tuf-js, folder of the corpus, address that serves it.
// Prints {"NAME": "accept" or the refusal}.
"use strict";

const fs = require("fs");
const os = require("os");
const path = require("path");

const [, , modules, corpus, address] = process.argv;
const { Updater } = require(path.join(modules, "node_modules", "tuf-js"));

const RealDate = Date;
let at = 0;
// tuf-js takes `new Date()` as the time of its check.
globalThis.Date = class extends RealDate {
  constructor(...args) {
    super(...(args.length ? args : [at]));
  }
};

async function visit(name, folder, state, targets, patience) {
  const updater = new Updater({
    metadataDir: state,
    metadataBaseUrl: `${address}/${name}/${folder}/metadata`,
    targetDir: path.join(state, "targets"),
    targetBaseUrl: `${address}/${name}/${folder}/targets`,
    config: { fetchTimeout: patience, fetchRetry: 0 },
  });
  await updater.refresh();
  for (const target of targets) {
    const info = await updater.getTargetInfo(target);
    if (!info) return `NotListed: ${target}`;
    await updater.downloadTarget(info);
  }
  return "accept";
}

async function judge(name) {
  const home = path.join(corpus, name);
  const read = JSON.parse(fs.readFileSync(path.join(home, "case.json"), "utf8"));
  const state = fs.mkdtempSync(path.join(os.tmpdir(), "tuf-js-"));
  const hangs = Object.values(read.server || {}).some((fault) => fault.hang);
  const patience = hangs ? 2000 : 60000;
  try {
    fs.mkdirSync(path.join(state, "targets"));
    fs.copyFileSync(path.join(home, "root.json"), path.join(state, "root.json"));
    at = RealDate.parse(read.visited || read.now);
    for (const folder of read.visits || []) await visit(name, folder, state, [], patience);
    at = RealDate.parse(read.now);
    return await visit(name, "mirror", state, read.targets, patience).catch(
      (refusal) => `${refusal.name}: ${refusal.message}`.slice(0, 300),
    );
  } finally {
    fs.rmSync(state, { recursive: true });
  }
}

(async () => {
  const said = {};
  for (const name of fs.readdirSync(corpus).sort()) {
    if (fs.existsSync(path.join(corpus, name, "case.json"))) said[name] = await judge(name);
  }
  process.stdout.write(JSON.stringify(said, null, 1));
})();
