import fc from "fast-check";
import type { Meanings } from "./arbitrary.ts";

/** The document that all write, read and delete. */
export const documentId = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";

const number = fc.double({ min: -1, max: 1, noNaN: true });
const field = fc.constantFrom("author", "title", "tags", "year", "a.b", "created_at");
const scalar = fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null));
export const filter = fc.oneof(
  fc.dictionary(field, scalar, { maxKeys: 2 }),
  fc
    .tuple(field, fc.constantFrom("$eq", "$ne", "$contains"), scalar)
    .map(([name, operator, value]) => ({ [name]: { [operator]: value } })),
  fc
    .tuple(field, fc.constantFrom("$in", "$nin"), fc.array(scalar))
    .map(([name, operator, value]) => ({ $or: [{ [name]: { [operator]: value } }] })),
);

const name = fc.string({ unit: "grapheme", minLength: 1, maxLength: 8 });
const metadata = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), scalar, { maxKeys: 3 });
const vector = fc.array(number, { minLength: 4, maxLength: 4 });
const chunks = fc.array(fc.record({ text: name, embedding: vector, metadata }, { requiredKeys: ["text"] }), {
  minLength: 1,
  maxLength: 3,
});
export const document = fc.oneof(
  fc.record(
    { title: name, chunks, id: fc.constant(documentId), tags: fc.array(name), year: fc.integer() },
    { requiredKeys: ["title", "chunks"] },
  ),
  fc.record({ title: name, text: name, metadata }, { requiredKeys: ["title", "text"] }),
);

/** What stands for a vector of four numbers, a filter, and a document. */
export const usual: Meanings = {
  Embedding: vector,
  MetadataFilter: filter,
  MetadataInput: metadata,
  DocumentInput: document,
};
