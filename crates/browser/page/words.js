// Times and spans as people read them; the same words as `stentor verify`.

/** A time to the minute, always UTC. */
export function utc(at) {
  return `${new Date(at).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** A span of milliseconds in its two largest units. */
export function span(milliseconds) {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const [days, hours, minutes] = [Math.floor(seconds / 86_400), Math.floor(seconds / 3_600) % 24, Math.floor(seconds / 60) % 60];
  const unit = (n, name) => (n === 1 ? `1 ${name}` : `${n} ${name}s`);
  const both = (n, name, m, less) => (m === 0 ? unit(n, name) : `${unit(n, name)} ${unit(m, less)}`);
  if (days > 0) return both(days, "day", hours, "hour");
  if (hours > 0) return both(hours, "hour", minutes, "minute");
  return minutes > 0 ? unit(minutes, "minute") : "less than a minute";
}
