const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat("en", {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});

export const count = (value: number): string => whole.format(value);
export const compact = (value: number): string => (value < 10_000 ? whole.format(value) : short.format(value));

export function perSecond(value: number): string {
  return `${value > 0 && value < 10 ? value.toFixed(1) : whole.format(value)}/s`;
}

export function milliseconds(value: number): string {
  return value < 10
    ? `${value.toFixed(1)} ms`
    : value < 10_000
      ? `${whole.format(value)} ms`
      : `${(value / 1_000).toFixed(1)} s`;
}

export function bytes(value: number): string {
  const units = ["B", "kB", "MB", "GB"];
  let index = 0;
  let rest = value;
  while (rest >= 1_000 && index < units.length - 1) {
    rest /= 1_000;
    index += 1;
  }
  return `${rest < 10 && index > 0 ? rest.toFixed(1) : whole.format(rest)} ${units[index] ?? ""}`;
}

export const time = (iso: string | Date): string => clock.format(typeof iso === "string" ? new Date(iso) : iso);

export const plural = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

const calendar = new Intl.DateTimeFormat("en", {
  year: "numeric",
  month: "short",
  day: "numeric",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

/** A day and a time. */
export const moment = (iso: string): string => calendar.format(new Date(iso));
