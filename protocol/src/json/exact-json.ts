import { mayHoldEscapedNames, namesAreExact, parseWithExactNames } from "./exact-names.ts";
import { parseByMarkers, stringifyByMarkers } from "./exact-json-markers.ts";

/** What the standard library's types do not have yet (ECMA-262, "JSON.parse source text access"). */
declare global {
  interface JSON {
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
    /** Missing in browsers from before 2025. */
    rawJSON?(text: string): object;
  }
}

const sixteenDigits = /\d{16}/;
/** A number that begins with sixteen digits, or text that looks like one, which only costs time. */
const mayHoldLarge = /(?:^|[[,:\s])-?\d{16}/;

/** Whether JSON may contain an integer that a double cannot represent. Costs a fraction of parsing. */
export const mayHoldLargeIntegers = (json: string): boolean => sixteenDigits.test(json) && mayHoldLarge.test(json);

/**
 * A number in JSON: a `bigint` if it is a whole number beyond 2^53 - 1, with only zeros after a decimal point, and a
 * `number` otherwise. Numbers with an exponent are 64-bit floats, as everywhere.
 */
export function exactNumber(source: string, value = Number(source)): number | bigint {
  if (Number.isSafeInteger(value) || !Number.isFinite(value)) return value;
  const digits = /^(-?\d+)(?:\.0+)?$/.exec(source)?.[1];
  return digits === undefined || Math.abs(value) <= Number.MAX_SAFE_INTEGER ? value : BigInt(digits);
}

/** The reviver for `JSON.parse`, if the platform passes the source of numbers. */
export const exactReviver = (_key: string, value: unknown, context?: { readonly source?: string }): unknown =>
  typeof value === "number" && context?.source !== undefined ? exactNumber(context.source, value) : value;

const givesSource = JSON.parse("1", (_key, _value, context) => context?.source) === "1";

/**
 * `JSON.parse`, with whole numbers beyond 2^53 - 1 as `bigint` instead of rounded, and with names exactly as written,
 * whatever was parsed before. Its result has whatever type it is given, as with `JSON.parse`.
 *
 * @param hasEscapedNames the result of `mayHoldEscapedNames` for the text, if already computed
 * @throws SyntaxError as `JSON.parse` does
 */
export function parseExactly(json: string, hasEscapedNames = !namesAreExact && mayHoldEscapedNames(json)) {
  return namesAreExact || !hasEscapedNames ? parseNumbersExactly(json) : parseWithExactNames(json, parseNumbersExactly);
}

function parseNumbersExactly(json: string) {
  if (!mayHoldLargeIntegers(json)) return JSON.parse(json);
  return givesSource ? JSON.parse(json, exactReviver) : parseByMarkers(json, exactNumber);
}

/**
 * `JSON.stringify`, with each `bigint` as the number that it is.
 *
 * @param space as that of `JSON.stringify`
 * @throws TypeError as `JSON.stringify` does, for circular values
 */
export function stringifyExactly(value: unknown, space?: number): string {
  try {
    return JSON.stringify(value, undefined, space);
  } catch (error) {
    // There is a bigint, which is rare; or a circle, which fails again.
    if (!(error instanceof TypeError)) throw error;
  }
  const { rawJSON } = JSON;
  if (rawJSON === undefined) return stringifyByMarkers(value, space);
  return JSON.stringify(value, (_key, one: unknown) => (typeof one === "bigint" ? rawJSON(String(one)) : one), space);
}
