// Mirrors for a real browser: `node fixture.mjs PAGE` serves them and the page itself, prints one line of JSON, and ends when its
// standard input is closed. Words are fresh at the clock of this machine.

import { readFileSync } from "node:fs";

import { House, sha256 } from "./house.mjs";
import { serve } from "./server.mjs";

const now = Date.now();
const iso = (hours) => new Date(now + hours * 3_600_000).toISOString().replace(/\.\d+Z$/, "Z");
const house = new House(now);
const page = readFileSync(process.argv[2]);

const incident = {
  id: "INC-7",
  page: "incidents/INC-7.html",
  impact: "total",
  over: false,
  components: ["Customer portal", "בריאות"],
  updates: [{
    number: 1,
    published: iso(-1),
    status: "investigating",
    title: "<img src=x onerror=\"document.title='taken over'\">Nobody can sign in",
    sections: [
      { heading: "What is affected", text: "Signing in.\nElectricity is not affected.\n\nPaying works." },
      { heading: "ما يجب فعله", text: "لا شيء." },
    ],
    next_update: iso(1),
  }],
};

function status(more) {
  return JSON.stringify({
    format: 1,
    organisation: "Example Energy",
    drill: null,
    as_of: iso(-0.5),
    stale_after: iso(5.5),
    headline: "A known problem at 02:10 UTC; after 08:10 treat this page as old.",
    impact: "total",
    components: [{ name: "Customer portal", impact: "total" }, { name: "Meter readings", impact: null, share: 99.98 }],
    current: [incident],
    past: [],
    maintenance: [
      { ...incident, id: "MAINT-2", impact: undefined, over: false, starts: iso(20), ends: iso(22), updates: [{ title: "New cables", status: "scheduled" }] },
      { ...incident, id: "MAINT-1", impact: undefined, over: true, starts: iso(-20), ends: iso(-18), updates: [{ title: "Old cables", status: "completed" }] },
    ],
    denials: [
      { id: "DENIAL-2", circulates: true, updates: [{ title: "We do not ask for gift cards", status: "denied" }] },
      { id: "DENIAL-1", circulates: false, updates: [{ title: "An older hoax", status: "over" }] },
    ],
    ...more,
  });
}

const directory = JSON.stringify({
  channels: [
    { kind: "website", name: "Our site", address: "https://example.org/", note: "we never ask for passwords there" },
    { kind: "chat", name: "Chat", address: "javascript:alert(1)", note: null },
  ],
  emergency: [{ kind: "phone", name: "Switchboard", address: "tel:+15550100", note: null }],
});

const forged = status({ headline: "All is well." });
/** A forged page for so many looks. */
const until = (times) => ({ files: good, server: { "status.json": { body: forged, times } } });

const pages = (more = {}) => ({ "status.json": status(more), "directory.json": directory, "index.html": "<p>fine</p>" });
const mirrors = { page: { files: new Map([["verify.html", page]]) } };
const server = await serve(mirrors);
const named = server.address("named", "mirror.test");

const good = house.word(3, pages());
const bent = (change) => {
  const files = new Map(good);
  change(files);
  return files;
};
Object.assign(mirrors, {
  good: { files: good },
  named: { files: good },
  rootless: { files: bent((files) => files.delete("metadata/1.root.json")) },
  naming: { files: house.word(3, pages({ mirrors: [{ name: "one", url: named }, "javascript:alert(1)"] })) },
  old: { files: house.word(2, pages({ headline: "No known problem." })) },
  tampered: { files: bent((files) => files.set("status.json", new TextEncoder().encode(forged))) },
  healing: until(1),
  late: until(2),
  soft: { files: new Map(), server: { "*": { body: "<!DOCTYPE html><title>Not found</title>" } } },
  endless: { files: good, server: { "metadata/timestamp.json": { endless: true } } },
  silent: { files: good, cors: false },
  moved: { files: good, server: { "metadata/timestamp.json": { redirect: "/good/metadata/timestamp.json" } } },
});
house.hours.timestamp = -2;
mirrors.stale = { files: house.word(4, pages({ as_of: iso(-8), stale_after: iso(-2) })) };
// It expires while somebody looks at it.
house.hours.timestamp = 20 / 3_600;
mirrors.brief = { files: house.word(5, pages()) };
mirrors.other = { files: new House(now, 50).word(3, pages()) };

console.log(JSON.stringify({ port: server.port, root: new TextDecoder().decode(house.roots[0]), sha256: sha256(house.roots[0]) }));
process.stdin.resume().on("end", () => process.exit(0));
