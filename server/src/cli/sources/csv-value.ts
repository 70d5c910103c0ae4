import { exactNumber } from "@arrwdb/protocol/exact-json";

/** A number as JSON has it. An exponent has a sign or a fraction before it, as programs write it and codes such as 12E5 do not. */
const jsonNumber = /^-?(?:0|[1-9]\d*)(?:(\.\d+)(?:[eE][+-]?\d+)?|[eE][+-]\d+)?$/;
const parts = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i;

/**
 * What a cell holds: a number where it is one, so that filters can compare it, and otherwise the text. `1.50` is 1.5, as a
 * column of which some cells were numbers and others texts could be compared by neither. What would have another value as a
 * number stays a text, and so does `007`.
 */
export function cellValue(text: string): string | number | bigint {
  if (!jsonNumber.test(text)) return text;
  const number = exactNumber(text);
  return Number.isFinite(Number(number)) && decimal(String(number)) === decimal(text) ? number : text;
}

/** The value of a number without its sign, written in one way: its digits without zeros around them, and where they stand. */
function decimal(text: string): string {
  const [, whole = "", fraction = "", exponent = "0"] = parts.exec(text) ?? [];
  const digits = `${whole}${fraction}`.replace(/^0+/, "");
  const significant = digits.replace(/0+$/, "");
  return significant === ""
    ? "0"
    : `${significant}e${Number(exponent) - fraction.length + digits.length - significant.length}`;
}
