import { z } from "zod";
import { limits } from "../limits.ts";
import { expiryFields, expiryOf } from "./expiry.ts";
import { indexSettings, pythonIndexTypes } from "./index-settings.ts";
import { metadata, storedMetadata } from "./metadata.ts";
import { boundedText, documentId, position, sequenceNumber, shortText, timestamp, uuid } from "../text.ts";
import { embedding } from "./vector.ts";
import { withEveryField } from "./every-field.ts";
import { generatedTitle } from "./generated-title.ts";

/** The embedding model of a library with client-supplied vectors only. */
export const noEmbeddingModel = "none";

/** ISO 639-1 codes of the languages with stemming, and `none`. */
export const textLanguages = [
  "ar",
  "bg",
  "da",
  "de",
  "el",
  "en",
  "es",
  "fi",
  "fr",
  "ga",
  "hi",
  "hu",
  "hy",
  "id",
  "it",
  "lt",
  "ne",
  "nl",
  "no",
  "pt",
  "ro",
  "ru",
  "sa",
  "sr",
  "sv",
  "ta",
  "tr",
  "uk",
  "none",
] as const;

/**
 * The language of a library's texts, for searches by text. Words in another script than its own are taken to be of that
 * script's most common language. `none` compares words as they are written.
 */
export const textLanguage = z.enum(textLanguages, {
  error: `must be "none" or one of ${textLanguages.slice(0, -1).join(", ")}`,
});
export type TextLanguage = z.output<typeof textLanguage>;

export const defaultLanguage: TextLanguage = "en";

const wholeNumber = { error: "must be a whole number or null" };

const eventSettingFields = {
  max_age_seconds: z
    .int(wholeNumber)
    .min(1, "must be at least 1")
    .max(limits.eventAgeSeconds, `must be at most ${limits.eventAgeSeconds}`)
    .nullable()
    .describe("Seconds after which an event may be removed; null keeps events regardless of age"),
  max_count: z
    .int(wholeNumber)
    .min(1, "must be at least 1")
    .max(limits.eventCount, `must be at most ${limits.eventCount}`)
    .nullable()
    .describe("How many of the newest events are kept; null keeps all of them"),
  search_performed: z.boolean().describe("Whether each search is an event too: `search.performed`"),
};

/** Retention of a library's events. An event is deleted when either bound is exceeded. */
export const eventSettings = z.object(eventSettingFields);
export type EventSettings = z.output<typeof eventSettings>;

export const defaultEventSettings: EventSettings = {
  max_age_seconds: 7 * 24 * 60 * 60,
  max_count: null,
  search_performed: false,
};

const eventSettingsInput = z.strictObject({
  max_age_seconds: eventSettingFields.max_age_seconds
    .optional()
    .describe("Seconds after which an event may be removed, default one week; null keeps events regardless of age"),
  max_count: eventSettingFields.max_count
    .optional()
    .describe("How many of the newest events are kept; null, the default, keeps all of them"),
  search_performed: eventSettingFields.search_performed
    .optional()
    .describe("Whether each search is an event too, `search.performed`; default false"),
});

export const library = z.object({
  id: uuid.describe("Its id"),
  name: z.string().describe("Its name"),
  description: z.string().nullable().describe("A description"),
  embedding_model: z.string().describe("The model that embeds its texts; `none` if clients send vectors"),
  dimension: z.int().positive().describe("The dimension of its vectors"),
  language: textLanguage.describe("The language of its texts, for keyword search"),
  index: indexSettings.describe("The index it is searched with"),
  events: eventSettings.describe("Which events exist, and how long they are kept"),
  created_at: timestamp.describe("When it was created, in UTC"),
  num_documents: z.int().min(0).describe("Number of documents"),
  num_chunks: z.int().min(0).describe("Number of chunks of all its documents"),
  seq: sequenceNumber.describe("Its position: the number of its latest change"),
});
export type Library = z.output<typeof library>;

const libraryName = boundedText(limits.shortText, 1);
const libraryDescription = boundedText(limits.description).nullable();

const embeddingModel = boundedText(200, 1);
const libraryDimension = z
  .int({ error: "must be a whole number" })
  .min(1, "must be at least 1")
  .max(limits.dimension, `must be at most ${limits.dimension}`);

/** What a library is re-embedded with. */
export const modelFields = { embedding_model: embeddingModel, dimension: libraryDimension };

const createLibraryFields = z.strictObject({
  name: libraryName.describe("Its name; need not be unique, but only one that is can stand for the id"),
  unique_name: z
    .boolean({ error: "must be true or false" })
    .optional()
    .describe("Whether to refuse a name that another library has (`name_taken`); default false"),
  description: libraryDescription.optional().describe("A description"),
  embedding_model: embeddingModel
    .nullable()
    .optional()
    .describe(
      "The model that embeds texts; the server's default if absent or null, `none` for your own vectors. Only re-embedding changes it",
    ),
  dimension: libraryDimension
    .optional()
    .describe("The dimension of the vectors; required for `none`, otherwise the model's. Only re-embedding changes it"),
  language: textLanguage
    .optional()
    .describe("The language of the texts, for keyword search; `en` if absent. Immutable"),
  index: indexSettings.optional().describe("The index it is searched with; `auto` if absent"),
  index_type: z
    .enum(Object.keys(pythonIndexTypes), {
      error: `must be one of ${Object.keys(pythonIndexTypes).join(", ")}; new programs use index`,
    })
    .optional()
    .describe("The index by its name in the Python server, for programs from there; others use `index`"),
  events: eventSettingsInput.optional().describe("Which events exist, and how long they are kept; a week if absent"),
});

export const createLibraryRequest = createLibraryFields.transform(({ index_type, ...request }, context) => {
  if (index_type === undefined) return request;
  if (request.index === undefined) return { ...request, index: pythonIndexTypes[index_type] };
  context.addIssue({ code: "custom", path: ["index_type"], message: "cannot be combined with index; give only index" });
  return z.NEVER;
});
export type CreateLibraryRequest = z.output<typeof createLibraryRequest>;

export const patchLibraryRequest = z
  .strictObject({
    name: libraryName.optional().describe("Its name"),
    unique_name: z
      .boolean({ error: "must be true or false" })
      .optional()
      .describe("Whether to refuse a `name` that another library has (`name_taken`); default false"),
    description: libraryDescription.optional().describe("A description; null removes it"),
    index: indexSettings.optional().describe("The index it is searched with; a new index is built in the background"),
    events: eventSettingsInput
      .optional()
      .describe("Which events exist, and how long they are kept; omitted fields stay unchanged"),
  })
  .refine(
    (patch) => Object.keys(patch).some((name) => name !== "unique_name"),
    "give one or more of name, description, index and events; nothing else of a library can be changed",
  );
export type PatchLibraryRequest = z.output<typeof patchLibraryRequest>;

export const libraryList = z.object({ libraries: z.array(library), next_cursor: z.string().nullable() });
export const libraryDeleted = z.object({ deleted: z.literal(true), id: uuid, seq: sequenceNumber });

const pageNumber = z.int({ error: "must be a whole number or null" }).nullable();
const chunkText = boundedText(limits.chunkText, 1);

export const chunkInput = z.strictObject({
  text: chunkText.describe("The text that is searched, and embedded if there is no `embedding`"),
  embedding: embedding.optional().describe("Its vector, of the library's dimension; only its direction matters"),
  page_number: pageNumber.optional().describe("The page it is on, for your own use"),
  metadata: metadata.optional().describe("Custom metadata; in filters it takes precedence over the document's"),
});
export type ChunkInput = z.output<typeof chunkInput>;

const tag = boundedText(limits.tagLength, 1);
const optionalText = shortText.nullable().optional();
const tooManyChunks = `has more than ${limits.chunksPerDocument} entries; split the document`;

export const ifSeq = position.describe(
  "Writes only if the document's `seq` is this, or with 0 only if there is no such document; otherwise `seq_mismatch`",
);

/** What a document is sent with. */
export const documentInputFields = {
  id: documentId
    .optional()
    .describe(
      "Any text of 1 to 512 bytes; an existing document with this id is replaced as a whole. A UUID generated by the server if absent",
    ),
  title: optionalText.describe(
    "Its title; also covered by keyword search. If absent, null or empty, it is made from the beginning of the first text",
  ),
  text: chunkText
    .optional()
    .describe("A text, which becomes one chunk. Give exactly one of `text`, `texts` and `chunks`"),
  texts: z
    .array(chunkText)
    .min(1, "must have at least one text")
    .max(limits.chunksPerDocument, tooManyChunks)
    .optional()
    .describe("Texts that become one chunk each. Give exactly one of `text`, `texts` and `chunks`"),
  chunks: z
    .array(chunkInput)
    .min(1, "must have at least one chunk")
    .max(limits.chunksPerDocument, tooManyChunks)
    .optional()
    .describe("Chunks with their own vectors, pages or metadata. Give exactly one of `text`, `texts` and `chunks`"),
  author: optionalText.describe("Its author"),
  document_type: optionalText.describe("Its type, in your own terms"),
  source_url: optionalText.describe("Its source URL"),
  tags: z
    .union([tag, z.array(tag).max(limits.tagsPerDocument, `has more than ${limits.tagsPerDocument} tags`)], {
      error: ({ input }) =>
        typeof input === "string" || Array.isArray(input) ? undefined : "must be a text or a list of texts",
    })
    .nullable()
    .optional()
    .describe("Custom labels; one may be given without a list"),
  metadata: metadata.nullable().optional().describe("Custom metadata. Unknown fields are kept here too"),
  ...expiryFields,
  if_seq: ifSeq.optional(),
};

/** The unknown fields of a document: its custom metadata, in addition to `metadata`. */
function customFields(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !Object.hasOwn(documentInputFields, name)));
}

export const tagList = (tags: string | readonly string[] | null | undefined): readonly string[] =>
  typeof tags === "string" ? [tags] : (tags ?? []);

const namedFields = z.looseObject(documentInputFields).transform((input, context) => {
  const given = (["text", "texts", "chunks"] as const).filter((name) => input[name] !== undefined);
  if (given.length !== 1) {
    const message =
      given.length === 0
        ? "is required (or text, or chunks): the document has nothing to search"
        : `cannot be combined with ${given.slice(0, -1).join(" and ")}; give only one of text, texts and chunks`;
    context.addIssue({ code: "custom", path: [given.at(-1) ?? "texts"], message });
  }
  const custom = metadata.safeParse(customFields(input));
  for (const { path, message } of custom.error?.issues ?? []) context.addIssue({ code: "custom", path, message });
  const chunks = input.chunks ?? (input.texts ?? [input.text ?? ""]).map((text): ChunkInput => ({ text }));
  const { title = null } = input;
  const isGenerated = title === null || title === "";
  return {
    id: input.id,
    title: isGenerated ? generatedTitle(chunks[0]?.text ?? "") : title,
    titleGenerated: isGenerated,
    author: input.author ?? null,
    documentType: input.document_type ?? null,
    sourceUrl: input.source_url ?? null,
    tags: tagList(input.tags),
    /** A field given both inside `metadata` and beside it has the value beside it. */
    metadata: { ...input.metadata, ...custom.data },
    expiry: expiryOf(input, context),
    ifSeq: input.if_seq,
    chunks,
  };
});

/** A document as a client sends it. Unknown fields are its custom metadata. */
export const documentInput = z.pipe(z.transform(withEveryField<z.input<typeof namedFields>>), namedFields);
export type DocumentInput = z.output<typeof documentInput>;

export const titleGenerated = z.boolean().describe("Whether the server made the title, as none was given");

/** The fields of a document in hits and events. */
export const documentFields = {
  title: z.string().describe("Its title"),
  title_generated: titleGenerated,
  author: z.string().nullable().describe("Its author"),
  document_type: z.string().nullable().describe("Its type"),
  source_url: z.string().nullable().describe("Its source URL"),
  tags: z.array(z.string()).describe("Its labels"),
  metadata: storedMetadata.describe("Custom metadata"),
};

export const documentSummary = z.object({
  id: documentId.describe("Its id"),
  ...documentFields,
  num_chunks: z.int().positive().describe("Number of chunks"),
  created_at: timestamp.describe("When it was first added, in UTC"),
  updated_at: timestamp.describe("When it was last written, in UTC"),
  expires_at: timestamp.nullable().describe("When it expires, in UTC; null if never"),
  seq: sequenceNumber.describe("The position of its last write"),
});
export type DocumentSummary = z.output<typeof documentSummary>;

export const chunk = z.object({
  id: uuid.describe("Its id, which changes with each write of the document"),
  chunk_index: z.int().min(0).describe("Its index in the document, from 0"),
  text: z.string().describe("Its text"),
  page_number: z.int().nullable().describe("The page it is on"),
  metadata: storedMetadata.describe("Custom metadata"),
  embedding: z
    .string()
    .optional()
    .describe("Its vector normalised to length 1, as base64 of little-endian float32; if requested"),
});

/** A whole document. `text` is its chunks joined by a blank line. */
export const document = documentSummary.extend({ text: z.string(), chunks: z.array(chunk) });
export type Document = z.output<typeof document>;

/** The response to adding or replacing a single document. */
export const documentWritten = z.object({ document: documentSummary, seq: sequenceNumber });
export const documentFound = z.object({ document, seq: sequenceNumber });
export const documentDeleted = z.object({ deleted: z.literal(true), document_id: documentId, seq: sequenceNumber });

/** The page size, as text. */
export const pageLimit = z.coerce
  .number({ error: "must be a whole number" })
  .int("must be a whole number")
  .min(1, "must be at least 1")
  .max(limits.pageSize, `must be at most ${limits.pageSize}`)
  .default(50);
/** The query string of `GET .../documents/{document_id}`. */
export const documentQuery = z.strictObject({
  vectors: z
    .enum(["true", "false"], { error: "must be true or false" })
    .transform((value) => value === "true")
    .optional()
    .describe("Whether to include each chunk's vector"),
});

/** The query string of other writes of a document. A condition is not ignored there, but refused. */
export const documentWriteQuery = z
  .unknown()
  .refine((query) => typeof query !== "object" || query === null || !("if_seq" in query), {
    path: ["if_seq"],
    message: "belongs in the body, not in the query string",
  })
  .transform(() => undefined);

/** The query string of `DELETE .../documents/{document_id}`. */
export const documentDeleteQuery = z.strictObject({
  if_seq: z
    .string()
    .regex(/^\d{1,15}$/, "must be a whole number")
    .transform(Number)
    .pipe(ifSeq)
    .optional()
    .describe("Deletes only if the document's `seq` is this; otherwise `seq_mismatch`"),
});

/** `?limit=50&cursor=...`; both are text. */
export const pageQuery = z.strictObject({
  limit: pageLimit.describe("Maximum number of entries per page"),
  cursor: boundedText(200, 1).describe("The `next_cursor` of the previous page").optional(),
});
