import { z } from "zod";
import { sequenceNumber } from "../text.ts";
import { aborted } from "../errors/failure-fields.ts";
import { documentPatch } from "./document-patch.ts";
import { matchingFields } from "./matching-fields.ts";

/** `POST .../documents/patch`. */
export const documentsPatch = z.strictObject({
  ...matchingFields,
  patch: documentPatch
    .refine(({ ifSeq }) => ifSeq === undefined, { path: ["if_seq"], message: "is for a patch of one document" })
    .describe("The patch of each, as for one document, but for `if_seq`"),
});

const progress = {
  patched: z.int().min(0).describe("Number of documents changed so far"),
  failed: z.int().min(0).describe("Number of documents that would be too large with the patch, and stay as they are"),
  seq: sequenceNumber.describe("The library's position after the last of them; if there is none, at the start"),
};

/** The response to a patch by filter. */
export const documentsPatched = z.object({
  ...progress,
  aborted: aborted("Why the patch ended early; what is patched stays patched, and the same request goes on"),
});
export type DocumentsPatched = z.output<typeof documentsPatched>;

/** Each line of a patch whose progress is streamed; the last has the summary. */
export const patchLine = z.union([z.object({ summary: documentsPatched }), z.object(progress)]);
