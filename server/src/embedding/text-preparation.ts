import { hash } from "node:crypto";
import type { EmbeddingPurpose } from "./embedder.ts";

/** Fields of a request's body besides the model and the texts. */
export type BodyFields = Readonly<Record<string, unknown>>;

/** Fields that are sent by default, and can be left out. */
export const omittableFields = ["encoding_format", "dimensions"] as const;
export type OmittableField = (typeof omittableFields)[number];

/** How texts of each purpose are sent to a provider: with which prefixes, and with which additional fields. */
export interface TextPreparation {
  readonly prefixes: Readonly<Partial<Record<EmbeddingPurpose, string | undefined>>>;
  readonly fields: Readonly<Partial<Record<EmbeddingPurpose, BodyFields | undefined>>>;
  /** Fields that are not sent, as the provider refuses them. They shape no vector. */
  readonly omitted: readonly OmittableField[];
}

export const unprepared: TextPreparation = { prefixes: {}, fields: {}, omitted: [] };

/**
 * An id of the settings that shape the vectors besides the model, or undefined if there are none. Stable across
 * restarts, and independent of the order of the fields.
 */
export function variantOf({ prefixes, fields }: TextPreparation): string | undefined {
  const shaping = [prefixes.document ?? "", prefixes.query ?? "", fields.document ?? {}, fields.query ?? {}];
  const text = JSON.stringify(shaping.map(ordered));
  return text === '["","",{},{}]' ? undefined : hash("sha256", text).slice(0, 8);
}

/** The same JSON value with the fields of all its objects sorted. */
function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).toSorted(([one], [other]) => (one < other ? -1 : 1));
  return Object.fromEntries(entries.map(([name, field]) => [name, ordered(field)]));
}
