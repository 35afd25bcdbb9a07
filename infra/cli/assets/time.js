// Writes instants and spans the way the console shows them: in UTC, like the clock of the server.

const part = (options) => new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", ...options });
const DAY = part({ weekday: "short", day: "numeric", month: "short" });
const LONG_DAY = part({ weekday: "long", day: "numeric", month: "long", year: "numeric" });
const TIME = part({ hour: "2-digit", minute: "2-digit" });
const SECONDS = part({ hour: "2-digit", minute: "2-digit", second: "2-digit" });

export const clockTime = (instant) => TIME.format(new Date(instant));
export const longDay = (instant) => LONG_DAY.format(new Date(instant));
export const exact = (instant) => `${DAY.format(new Date(instant))}, ${SECONDS.format(new Date(instant))} UTC`;

/** "19:00" on the same day as `now`, "Mon 23 Nov, 07:10" otherwise. */
export function shortTime(instant, now) {
  const sameDay = String(instant).slice(0, 10) === String(now).slice(0, 10);
  return sameDay ? clockTime(instant) : `${DAY.format(new Date(instant)).replace(",", "")}, ${clockTime(instant)}`;
}

/** A span in words: "35 min", "7 h 10 min", "2 days". Rounds up to whole minutes. */
export function span(milliseconds) {
  const minutes = Math.ceil(Math.abs(milliseconds) / 60_000);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  const days = Math.floor(hours / 24);
  return hours % 24 === 0 ? `${days} days` : `${days} days ${hours % 24} h`;
}

/** "in 35 min", "2 h ago" or "now", seen from `now`. */
export function distance(instant, now) {
  const gap = Date.parse(instant) - Date.parse(now);
  if (Math.abs(gap) < 1000) return "now";
  return gap > 0 ? `in ${span(gap)}` : `${span(gap)} ago`;
}
