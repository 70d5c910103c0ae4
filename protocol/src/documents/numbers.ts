import { limits } from "../limits.ts";
import type { MetadataValue } from "./metadata.ts";

/**
 * The canonical form of a value for equality. Whole numbers beyond 2^53 - 1 are `bigint`: integers written as digits
 * are so already, and a `number` equals the digits that JSON writes for it, so that it is the same before and after it
 * is stored. From 1e21 on JSON writes an exponent, and the number is the double.
 */
export function canonical<Value extends MetadataValue>(value: Value): Value | bigint {
  if (typeof value !== "number" || Math.abs(value) <= Number.MAX_SAFE_INTEGER || !Number.isFinite(value)) return value;
  return BigInt(Math.abs(value) < 1e21 ? String(value) : value);
}

export const isNumeric = (value: unknown): value is number | bigint =>
  typeof value === "number" || typeof value === "bigint";

/** Below 0 if `a` comes first, exactly: JavaScript compares a `bigint` and a `number` by their mathematical values. */
export function compareScalars(a: string | number | bigint, b: string | number | bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

const beyondDigits = 10n ** BigInt(limits.integerDigits);

/** Why a whole number is not taken, or undefined. */
export function integerFault(value: bigint): string | undefined {
  if (value < beyondDigits && value > -beyondDigits) return undefined;
  return `has more than ${limits.integerDigits} digits; send it as a string`;
}
