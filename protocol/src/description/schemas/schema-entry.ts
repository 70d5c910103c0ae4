import type { z } from "zod";

/** Documentation of one schema. */
export interface SchemaEntry<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** The component name in descriptions; schemas without one are inlined, such as those of queries. */
  readonly name?: string;
  /** The name in the wire hash; schemas without one are part of others. */
  readonly wire?: string;
  /** The example in descriptions; a test validates it against the schema. */
  readonly example?: z.input<S>;
  /** The example of a stream's lines. */
  readonly lines?: readonly z.input<S>[];
}

/** An entry with type-checked examples. */
export const entry = <S extends z.ZodType>(parts: SchemaEntry<S>): SchemaEntry => parts;
