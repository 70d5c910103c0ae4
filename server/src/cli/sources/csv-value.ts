import { exactNumber } from "@arrwdb/protocol/json/exact-json";

/** A number in JSON's syntax. Exponents require a sign or a fraction before them, unlike codes such as 12E5. */
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:(\.\d+)(?:[eE][+-]?\d+)?|[eE][+-]\d+)?$/;
const parts = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

/**
 * The value of a cell: a number if it is one, so that filters can compare it, and otherwise the text. `1.50` is 1.5, as
 * a column with both numbers and texts could not be compared. Text whose numeric value would differ stays text, and so
 * does `007`.
 */
export function cellValue(text: string): string | number | bigint {
  if (!jsonNumber.test(text)) return text;
  const number = exactNumber(text);
  return Number.isFinite(Number(number)) && decimal(String(number)) === decimal(text) ? number : text;
}

/** The canonical form of a number without its sign: its digits without surrounding zeros, and their exponent. */
function decimal(text: string): string {
  const [, whole = "", fraction = "", exponent = "0"] = parts.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  return significant === ""
    ? "0"
    : `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
