// Reads the files of a mirror with programs that are not ours. Arguments: node_modules of ical.js and of statuspage.io,
// the folder, its address. Prints what was read.
const { readFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const [icalAt, statuspageAt, folder, address] = process.argv.slice(2);
const { Statuspage } = createRequire(statuspageAt + "/x")("statuspage.io");

(async () => {
  const found = await import(icalAt + "/ical.js/dist/ical.js");
  const ICAL = found.default ?? found;
  ICAL.design.strict = true;
  const calendar = new ICAL.Component(ICAL.parse(readFileSync(folder + "/maintenance.ics", "utf8")));
  const events = calendar.getAllSubcomponents("vevent").map((event) => {
    const e = new ICAL.Event(event);
    return [e.summary, e.sequence, e.startDate.toJSDate().toISOString(), e.endDate.toJSDate().toISOString()];
  });
  const page = new Statuspage("none");
  page.setApiUrl(address);
  const summary = await page.api.getSummary();
  const statuses = {
    indicator: (await page.api.getStatus()).status.indicator,
    components: (await page.api.getComponents()).components.map((c) => c.status),
    incidents: (await page.api.incidents.getAll()).incidents.map((i) => [i.id, i.status, i.impact]),
    unresolved: (await page.api.incidents.getUnresolved()).incidents.map((i) => i.id),
    // This client asks for the upcoming ones, whichever is wanted.
    upcoming: (await page.api.scheduledMaintenances.getUpcoming()).scheduled_maintenances.map((m) => m.id),
    name: summary.page.name,
  };
  console.log(JSON.stringify({ events, statuses }));
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
