import { z } from "zod";
import { expiryFields, expiryOf } from "./expiry.ts";
import { metadata } from "./metadata.ts";
import { withEveryField } from "./every-field.ts";
import { documentInputFields, ifSeq, tagList } from "./model.ts";

const { title, author, document_type, source_url, tags } = documentInputFields;

const patchFields = {
  title: title.describe(
    "Its title; also covered by keyword search. Null or empty has it made from the first text again",
  ),
  author: author.describe("Its author; null removes it"),
  document_type: document_type.describe("Its type, in your own terms; null removes it"),
  source_url: source_url.describe("Its source URL; null removes it"),
  tags: tags.describe("All its custom labels; null removes them"),
  metadata: metadata
    .nullable()
    .optional()
    .describe(
      "Merged into the custom metadata: null removes a field, objects are merged, anything else replaces. Null removes all. Unknown fields are merged too",
    ),
  expires_at: expiryFields.expires_at.describe("When it expires; null removes that, so that it stays"),
  ttl_seconds: expiryFields.ttl_seconds.describe(
    "Seconds after which it expires, counted from now; null is as for `expires_at`",
  ),
  if_seq: ifSeq.optional(),
};

const ofTexts = "cannot be patched; PUT the whole document to change its texts";
const ofServer = 'is set by the server; to patch a custom field of this name, put it inside "metadata"';

/** Fields that a patch cannot change, and what to do instead. */
const refusedFields: Readonly<Record<string, string>> = {
  id: "cannot be changed; add a document with the other id, and delete this one",
  text: ofTexts,
  texts: ofTexts,
  chunks: ofTexts,
  created_at: ofServer,
  updated_at: ofServer,
  seq: ofServer,
  num_chunks: ofServer,
  title_generated: ofServer,
  page_number: ofServer,
  chunk_index: ofServer,
  source_document_id: ofServer,
};

const namedFields = z.looseObject(patchFields).transform((input, context) => {
  const others = Object.entries(input).filter(([name]) => !Object.hasOwn(patchFields, name));
  for (const [name] of others) {
    const message = Object.hasOwn(refusedFields, name) ? refusedFields[name] : undefined;
    if (message !== undefined) context.addIssue({ code: "custom", path: [name], message });
  }
  const custom = metadata.safeParse(Object.fromEntries(others));
  for (const { path, message } of custom.error?.issues ?? []) context.addIssue({ code: "custom", path, message });
  return {
    title: input.title === "" ? null : input.title,
    author: input.author,
    documentType: input.document_type,
    sourceUrl: input.source_url,
    tags: input.tags === undefined ? undefined : tagList(input.tags),
    clearsMetadata: input.metadata === null,
    /** A merge patch. */
    metadata: { ...input.metadata, ...custom.data },
    expiry: expiryOf(input, context) ?? (input.expires_at === null || input.ttl_seconds === null ? null : undefined),
    ifSeq: input.if_seq,
  };
});

/** A JSON merge patch (RFC 7386) of a document's fields. Unknown fields are its custom metadata. */
export const documentPatch = z.pipe(z.transform(withEveryField<z.input<typeof namedFields>>), namedFields);
export type DocumentPatchInput = z.output<typeof documentPatch>;
