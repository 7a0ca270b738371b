// Improves pages that work without it: ticking countdowns, local times, fresh parts. Text goes in as text only, except
// parts of our own pages, which the server has escaped and the content security policy guards.
"use strict";
(() => {
  const skew = Number(document.body.dataset.now) - Date.now();
  const now = () => Date.now() + (Math.abs(skew) > 2000 ? skew : 0);

  const length = (ms) => {
    const s = Math.floor(Math.abs(ms) / 1000);
    const [d, h, m] = [Math.floor(s / 86400), Math.floor(s / 3600) % 24, Math.floor(s / 60) % 60];
    if (d) return h ? `${d} d ${h} h` : `${d} d`;
    if (h) return m ? `${h} h ${m} min` : `${h} h`;
    return m ? `${m} min` : `${s} s`;
  };
  // The last ten minutes are counted by the second.
  const countdown = (ms) => {
    const s = Math.floor(ms / 1000);
    return s >= 600 ? length(ms) : `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")} min`;
  };
  const set = (node, text) => { if (node.textContent !== text) node.textContent = text; };

  const tick = () => {
    for (const node of document.querySelectorAll("[data-until]")) {
      const left = Date.parse(node.dataset.until) - now();
      set(node, left >= 0 ? `in ${countdown(left)}` : `${length(left)} ago`);
      node.classList.toggle("late", left < 0);
    }
    for (const node of document.querySelectorAll("[data-since]")) {
      set(node, length(now() - Date.parse(node.dataset.since)));
    }
  };

  const localise = (root) => {
    const same = new Date().getTimezoneOffset() === 0;
    const form = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit", timeZoneName: "short" });
    for (const node of root.querySelectorAll("time[datetime]")) {
      const at = new Date(node.dateTime);
      node.title = at.toString();
      if (!same && node.hasAttribute("data-local") && !node.nextElementSibling?.matches(".local")) {
        const local = document.createElement("span");
        local.className = "local soft";
        local.textContent = ` (${form.format(at)} for you)`;
        node.after(local);
      }
    }
  };

  // Parts marked data-live are replaced when the journal has grown, unless somebody is at work in them.
  const gists = new Map();
  const busy = (part) => part.contains(document.activeElement) || part.querySelector("details[open] form");
  const opened = (part) => [...part.querySelectorAll("details[open][id]")].map((details) => details.id);
  // What differs between two drawings of the same: keys of forms, and distances in time.
  const gist = (part) => {
    const copy = part.cloneNode(true);
    copy.querySelectorAll("[name=idempotency_key]").forEach((field) => field.remove());
    copy.querySelectorAll("[data-until], [data-since]").forEach((node) => (node.textContent = ""));
    return copy.innerHTML;
  };
  const refresh = async () => {
    const parts = [...document.querySelectorAll("[data-live]")];
    if (!parts.length || document.hidden) return;
    const address = new URL(location.href);
    address.searchParams.set("seen", document.body.dataset.seq);
    const note = document.getElementById("fresh");
    try {
      const answer = await fetch(address, { credentials: "same-origin", redirect: "error", signal: AbortSignal.timeout(8000) });
      if (answer.status === 204) return set(note, "");
      if (!answer.ok) throw new Error();
      const next = new DOMParser().parseFromString(await answer.text(), "text/html");
      let waiting = false;
      for (const part of parts) {
        const other = next.getElementById(part.id);
        if (!other || gist(other) === gists.get(part)) continue;
        if (busy(part)) { waiting = true; continue; }
        gists.set(part, gist(other));
        const open = opened(part);
        part.replaceChildren(...document.importNode(other, true).childNodes);
        for (const id of open) document.getElementById(id)?.setAttribute("open", "");
        part.classList.toggle("fresh", "fresh" in part.dataset);
        localise(part);
      }
      if (!waiting) document.body.dataset.seq = next.body.dataset.seq;
      set(note, waiting ? "There is news; it appears when you leave the form." : "");
      tick();
    } catch {
      set(note, "No connection to Stentor: this page may be old. It tries again by itself.");
    }
  };

  // A second press of the same button is not sent. The server would notice it too.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  addEventListener("pageshow", () => document.querySelectorAll("form").forEach((form) => delete form.dataset.sent));

  for (const part of document.querySelectorAll("[data-live]")) gists.set(part, gist(part));
  localise(document);
  tick();
  setInterval(tick, 1000);
  if (document.querySelector("[data-live]")) setInterval(refresh, 5000);
  document.documentElement.dataset.script = "on";
})();
