import { filterOperators } from "@arrwdb/protocol/filter/filter";
import { filter as wireFilter } from "@arrwdb/protocol/filter/filter";
import { limits } from "@arrwdb/protocol/limits";
import { position } from "@arrwdb/protocol/text";
import { z } from "zod";

/** Arguments and parts of results that several tools share. */
export const library = z
  .string()
  .min(1, "must not be empty")
  .max(limits.shortText, `must be at most ${limits.shortText} characters`)
  .describe("The library: its id, or its exact name.");

export const filter = z
  .record(z.string(), z.unknown())
  .pipe(wireFilter)
  .optional()
  .describe(
    `A filter over metadata and the fields title, author, document_type, source_url and tags, such as {"author": "Ada", "year": {"$gte": 2020}}. Operators: ${filterOperators.join(" ")}.`,
  );

export const after = position.optional();

export const hit = z.object({
  rank: z.int(),
  document_id: z.string(),
  /** Absent like other fields if `include` leaves it out. */
  title: z.string().optional(),
  /** Cosine distance: 0 is identical, 2 opposite; null for text search. */
  distance: z.number().nullable(),
  /** Score of a text or hybrid search: higher is better. */
  score: z.number().optional(),
  text: z.string().optional(),
  text_truncated: z.boolean().optional(),
  author: z.string().nullable().optional(),
  source_url: z.string().nullable().optional(),
  /** Custom metadata of the document; absent if too large. */
  metadata: z.record(z.string(), z.unknown()).optional(),
});
export type Hit = z.output<typeof hit>;
