import { z } from "zod";
import { limits } from "../limits.ts";
import { integerFault } from "./numbers.ts";
import { textFault } from "../text.ts";

/** A whole number beyond 2^53 - 1 is a `bigint`, and any other a `number`. */
export type MetadataScalar = string | number | bigint | boolean | null;
export type MetadataValue = MetadataScalar | readonly MetadataValue[] | Metadata;
export interface Metadata {
  readonly [key: string]: MetadataValue;
}

/** The remaining budget. */
interface Budget {
  values: number;
  characters: number;
}

interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/**
 * Metadata is an object of any JSON. Depth and count are bounded while walking, so a hostile value costs no more than a
 * good one.
 */
export function metadataFault(value: unknown, path: readonly PropertyKey[] = []): Fault | undefined {
  if (!isPlain(value)) return { path, message: "must be an object" };
  const budget: Budget = { values: limits.metadataValues, characters: limits.metadataCharacters };
  return objectFault(value, path, 1, budget);
}

const isPlain = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const tooDeep = (path: readonly PropertyKey[]): Fault => ({
  path,
  message: `is nested more than ${limits.metadataDepth} levels deep, lists included; flatten it`,
});

function objectFault(value: object, path: readonly PropertyKey[], depth: number, budget: Budget): Fault | undefined {
  for (const [key, entry] of Object.entries(value)) {
    const at = [...path, key];
    const fault = keyFault(key) ?? charactersFault(key, budget);
    if (fault !== undefined) return { path: at, message: fault };
    const deeper = valueFault(entry, at, depth, budget);
    if (deeper !== undefined) return deeper;
  }
  return undefined;
}

function keyFault(key: string): string | undefined {
  if (key.length > limits.metadataKeyLength) return `has a name of more than ${limits.metadataKeyLength} characters`;
  return textFault(key);
}

function charactersFault(text: string, budget: Budget): string | undefined {
  budget.characters -= text.length;
  if (budget.characters >= 0) return undefined;
  return `makes the metadata longer than ${limits.metadataCharacters} characters; keep long texts in chunks`;
}

function valueFault(value: unknown, path: readonly PropertyKey[], depth: number, budget: Budget): Fault | undefined {
  if (--budget.values < 0)
    return { path, message: `exceeds the limit of ${limits.metadataValues} values per document` };
  if (typeof value === "object" && value !== null) {
    if (depth === limits.metadataDepth) return tooDeep(path);
    if (isPlain(value)) return objectFault(value, path, depth + 1, budget);
  }
  if (Array.isArray(value)) {
    for (const [index, entry] of value.entries()) {
      const fault = valueFault(entry, [...path, index], depth + 1, budget);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  const excess = typeof value === "string" ? charactersFault(value, budget) : undefined;
  return excess === undefined ? scalarFault(value, path) : { path, message: excess };
}

function scalarFault(value: unknown, path: readonly PropertyKey[]): Fault | undefined {
  if (value === null || typeof value === "boolean") return undefined;
  if (typeof value === "number")
    return Number.isFinite(value) ? undefined : { path, message: "must be a finite number" };
  if (typeof value === "bigint") {
    const fault = integerFault(value);
    return fault === undefined ? undefined : { path, message: fault };
  }
  if (typeof value !== "string")
    return { path, message: "must be JSON: a string, number, boolean, null, list or object" };
  if (value.length > limits.metadataTextLength)
    return { path, message: `has ${value.length} characters; at most ${limits.metadataTextLength} are accepted` };
  const fault = textFault(value);
  return fault === undefined ? undefined : { path, message: fault };
}

/** Metadata in responses, which needs no validation. */
export const storedMetadata = z
  .custom<Metadata>((value) => typeof value === "object" && value !== null && !Array.isArray(value))
  .meta({ type: "object", description: "Custom metadata." });

export const metadata = z
  .custom<Metadata>(() => true)
  .superRefine((value, context) => {
    const fault = metadataFault(value);
    if (fault !== undefined) context.addIssue({ code: "custom", path: [...fault.path], message: fault.message });
  })
  .meta({
    type: "object",
    description: `Any JSON object, nested up to ${limits.metadataDepth} levels deep. Every name is yours. Whole numbers of up to ${limits.integerDigits} digits are kept exactly.`,
  });
