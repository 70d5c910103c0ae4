import type { z } from "zod";

/** Documentation of one schema. */
export interface SchemaEntry<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** The component name in descriptions; schemas without one are inlined, such as those of queries. */
  readonly name?: string;
  /** In the hash of the wire; without it, it is part of others that have one. */
  readonly wire?: string;
  /** What descriptions show for a value; a test holds it against the schema. */
  readonly example?: z.input<S>;
  /** What they show for the lines of a stream. */
  readonly lines?: readonly z.input<S>[];
}

/** An entry whose examples are checked against its schema. */
export const entry = <S extends z.ZodType>(parts: SchemaEntry<S>): SchemaEntry => parts;
