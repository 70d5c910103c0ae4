import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseInstant } from "./instant.ts";

const milliseconds = (text: string) => BigInt(Date.parse(text)) * 1_000_000n;
const zones = fc.integer({ min: -23 * 60 - 59, max: 23 * 60 + 59 });
const two = (number: number) => String(number).padStart(2, "0");

describe("An instant", () => {
  it("is the same in each zone, with each number of digits", () => {
    const moments = fc.date({
      min: new Date("0001-01-02T00:00:00Z"),
      max: new Date("9999-12-30T00:00:00Z"),
      noInvalidDate: true,
    });
    fc.assert(
      fc.property(
        moments,
        zones,
        fc.constantFrom("T", "t", " "),
        fc.stringMatching(/^\d{0,6}$/),
        (moment, zone, between, more) => {
          const local = new Date(moment.getTime() + zone * 60_000).toISOString().slice(0, -1);
          const [hours, minutes] = [two(Math.floor(Math.abs(zone) / 60)), two(Math.abs(zone) % 60)];
          const instant = BigInt(moment.getTime()) * 1_000_000n + BigInt(more.padEnd(6, "0"));
          for (const colon of [":", ""]) {
            const text = `${local.replace("T", between)}${more}${zone < 0 ? "-" : "+"}${hours}${colon}${minutes}`;
            expect(parseInstant(text)).toBe(instant);
          }
          expect(parseInstant(`${moment.toISOString().slice(0, -1)}${more}`)).toBe(instant);
        },
      ),
    );
  });

  const same: readonly (readonly [string, string])[] = [
    ["2026", "2026-01-01T00:00:00Z"],
    ["2026-11", "2026-11-01T00:00:00Z"],
    ["2026-11-27", "2026-11-27T00:00:00Z"],
    ["2026-11-27T10", "2026-11-27T10:00:00Z"],
    ["2026-11-27T10+09", "2026-11-27T01:00:00Z"],
    ["2026-11-27T10:00", "2026-11-27T10:00:00Z"],
    ["2026-11-27t10:00:00,5z", "2026-11-27T10:00:00.500Z"],
    ["1890-01-01T00:00:00+05:53:28", "1889-12-31T18:06:32Z"],
    ["2024-02-29", "2024-02-29T00:00:00Z"],
  ];
  for (const [text, utc] of same) it(`is ${text}`, () => expect(parseInstant(text)).toBe(milliseconds(utc)));

  const none = [
    "",
    "yesterday",
    "0",
    "20261127",
    "2026-13",
    "2026-02-29",
    "2026-04-31",
    "2026-11-27T24:00:00Z",
    "2026-11-27T10:60Z",
  ];
  const neither = [
    "2026-11-27T10:00:60Z",
    "2026-11-27Z",
    "2026-11-27T10:00:00.1234567890Z",
    "2026-11-27T10:00:00+24:00",
    " 2026-11-27",
  ];
  for (const text of [...none, ...neither]) it(`is not "${text}"`, () => expect(parseInstant(text)).toBeUndefined());
});
