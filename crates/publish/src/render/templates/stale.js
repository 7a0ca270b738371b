(() => {
  "use strict";
  // The page is static: only the reader's clock can tell that it is old. Nothing else is read, kept or sent.
  const at = (id) => document.getElementById(id);
  const [until, old, later] = [at("until"), at("old"), at("later")];
  const embedded = Date.parse(until.dateTime);
  let end = embedded;
  let asked = -Infinity;
  const look = () => {
    const now = Date.now();
    const stale = !(now < end);
    document.documentElement.classList.toggle("stale", stale);
    old.hidden = !stale;
    later.hidden = stale || end === embedded;
    // Only once it is old, and at most every five minutes, the mirror is asked for a newer confirmation.
    if (stale && location.protocol.startsWith("http") && now - asked > 300000) {
      asked = now;
      ask().catch(() => {});
    }
  };
  // The signature is not checked here, and the page says so.
  const ask = async () => {
    const answer = await fetch("metadata/timestamp.json", { cache: "no-store", credentials: "omit", redirect: "error" });
    const text = answer.ok ? await answer.text() : "";
    if (text.length > 16384) return;
    const expires = Date.parse(JSON.parse(text).signed.expires);
    if (expires > end && expires < Date.now() + 172800000) {
      end = expires;
      const words = new Date(end).toISOString().slice(0, 16).replace("T", " ") + " UTC";
      later.querySelector("span").textContent = words;
      look();
    }
  };
  look();
  setInterval(look, 20000);
  document.addEventListener("visibilitychange", look);
  addEventListener("pageshow", look);
})();
