/** Year, month, day, hour, minute, second, fraction, zone; from the hour on and from the month on each may be missing. */
const form =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:[Tt ](\d\d)(?::(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?)?(Z|z|[+-]\d\d(?::?\d\d(?::?\d\d)?)?)?)?)?)?$/;

const nanoseconds = 1_000_000n;

/**
 * The instant that a text names, in nanoseconds since 1970: ISO 8601 as RFC 3339, Python's `isoformat()` and JavaScript's
 * `toISOString()` write it, with up to nine digits behind the second. Without a zone it is in UTC; a day, month or year by
 * itself is its first moment. Undefined for what is none, such as 31 April.
 */
export function parseInstant(text: string): bigint | undefined {
  const found = form.exec(text);
  if (found === null) return undefined;
  const [, year = "", month = "01", day = "01", hour = "00", minute = "00", second = "00", fraction = "", zone = "Z"] =
    found;
  // In UTC form; `Date` would move a nonexistent day into the next month, and accept hour 24.
  const written = `${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`;
  const milliseconds = Date.parse(written);
  if (Number.isNaN(milliseconds) || new Date(milliseconds).toISOString() !== written) return undefined;
  const offset = offsetOf(zone);
  if (offset === undefined) return undefined;
  return BigInt(milliseconds - offset) * nanoseconds + BigInt(fraction.padEnd(9, "0"));
}

/** Milliseconds that a zone is ahead of UTC. */
function offsetOf(zone: string): number | undefined {
  if (zone === "Z" || zone === "z") return 0;
  const digits = zone.slice(1).replaceAll(":", "");
  const [hours = 0, minutes = 0, seconds = 0] = [0, 2, 4].map((at) => Number(digits.slice(at, at + 2)));
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined;
  return (zone.startsWith("-") ? -1 : 1) * ((hours * 60 + minutes) * 60 + seconds) * 1_000;
}
