import type { z } from "zod";

/** All that there is to say of one schema. */
export interface SchemaEntry<S extends z.ZodType = z.ZodType> {
  readonly schema: S;
  /** In descriptions, which refer to it by this; without it, it stands in none by itself, as what a query has. */
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
