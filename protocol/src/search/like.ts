import { z } from "zod";
import { documentId, uuid } from "../text.ts";

const form = 'must be {"document_id": "..."} or {"chunk_id": "..."}';

const likeDocument = z.strictObject(
  { document_id: documentId.describe("A document of this library; the mean vector of its chunks is searched for") },
  { error: form },
);

const likeChunk = z.strictObject(
  { chunk_id: uuid.describe("A chunk of this library; its vector is searched for") },
  { error: form },
);

/** The document or chunk that hits are to be like. */
export const like = z
  .union([likeDocument, likeChunk])
  .describe("A document or chunk to find similar ones of, instead of a text or vector; it is no hit itself");
export type Like = z.output<typeof like>;
