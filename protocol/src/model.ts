import { z } from "zod";
import { limits } from "./limits.ts";
import { metadata, storedMetadata } from "./metadata.ts";
import { boundedText, sequenceNumber, shortText, timestamp, uuid } from "./text.ts";
import { embedding } from "./vector.ts";

/** The embedding model of a library that holds the clients' own vectors only. */
export const noEmbeddingModel = "none";

const indexNumber = { error: "must be a whole number" };

const indexTypes = 'must be one of "auto", "flat", "hnsw" and "ivf"';

/**
 * How a library is searched. `auto`: exactly while it is small, then by a graph. `flat`: always exactly. `hnsw`: by a
 * graph. `ivf`: by lists of vectors around centres, kept on disk, for very large libraries with little memory.
 */
export const indexSettings = z.discriminatedUnion(
  "type",
  [
    z.strictObject({ type: z.literal("auto") }),
    z.strictObject({ type: z.literal("flat") }),
    z.strictObject({
      type: z.literal("hnsw"),
      /** Neighbours of a node. */
      m: z.int(indexNumber).min(4, "must be at least 4").max(128, "must be at most 128").default(16),
      /** Candidates that are looked at when a vector is added. */
      ef_construction: z.int(indexNumber).min(8, "must be at least 8").max(2_048, "must be at most 2048").default(128),
      /** Candidates that are looked at when one is searched. */
      ef: z.int(indexNumber).min(8, "must be at least 8").max(2_048, "must be at most 2048").default(64),
      /** How the graph holds a number of a vector; hits are always compared again in full precision. */
      quantization: z.enum(["i8", "f16", "f32"], { error: 'must be "i8", "f16" or "f32"' }).default("i8"),
    }),
    z.strictObject({
      type: z.literal("ivf"),
      /** How many lists there are; null chooses by the number of chunks. */
      nlist: z
        .int(indexNumber)
        .min(2, "must be at least 2")
        .max(65_536, "must be at most 65536")
        .nullable()
        .default(null),
      /** Lists that a search looks at; null chooses by the number of lists. */
      nprobe: z
        .int(indexNumber)
        .min(1, "must be at least 1")
        .max(65_536, "must be at most 65536")
        .nullable()
        .default(null),
    }),
  ],
  { error: indexTypes },
);
export type IndexSettings = z.output<typeof indexSettings>;

/** ISO 639-1 codes of the languages whose words are brought to their stems, and `none`. */
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
  /** Events older than this may be forgotten; null keeps them whatever their age. */
  max_age_seconds: z
    .int(wholeNumber)
    .min(1, "must be at least 1")
    .max(limits.eventAgeSeconds, `must be at most ${limits.eventAgeSeconds}`)
    .nullable(),
  /** The newest so many events are kept; null keeps them whatever their number. */
  max_count: z
    .int(wholeNumber)
    .min(1, "must be at least 1")
    .max(limits.eventCount, `must be at most ${limits.eventCount}`)
    .nullable(),
  /** Whether each search is an event too: `search.performed`. */
  search_performed: z.boolean(),
};

/** How long a library's events are kept, and which there are. An event goes when either bound is passed. */
export const eventSettings = z.object(eventSettingFields);
export type EventSettings = z.output<typeof eventSettings>;

export const defaultEventSettings: EventSettings = {
  max_age_seconds: 7 * 24 * 60 * 60,
  max_count: null,
  search_performed: false,
};

const eventSettingsInput = z.strictObject({
  max_age_seconds: eventSettingFields.max_age_seconds.optional(),
  max_count: eventSettingFields.max_count.optional(),
  search_performed: eventSettingFields.search_performed.optional(),
});

export const library = z.object({
  id: uuid,
  name: z.string(),
  description: z.string().nullable(),
  embedding_model: z.string(),
  dimension: z.int().positive(),
  language: textLanguage,
  index: indexSettings,
  events: eventSettings,
  created_at: timestamp,
  num_documents: z.int().min(0),
  num_chunks: z.int().min(0),
  seq: sequenceNumber,
});
export type Library = z.output<typeof library>;

const libraryName = boundedText(limits.shortText, 1);
const libraryDescription = boundedText(limits.description).nullable();

export const createLibraryRequest = z.strictObject({
  name: libraryName,
  description: libraryDescription.optional(),
  embedding_model: boundedText(200, 1).optional(),
  dimension: z
    .int({ error: "must be a whole number" })
    .min(1, "must be at least 1")
    .max(limits.dimension, `must be at most ${limits.dimension}`)
    .optional(),
  /** Fixed for good, as all texts are indexed by it. */
  language: textLanguage.optional(),
  index: indexSettings.optional(),
  events: eventSettingsInput.optional(),
});
export type CreateLibraryRequest = z.output<typeof createLibraryRequest>;

export const patchLibraryRequest = z
  .strictObject({
    name: libraryName.optional(),
    description: libraryDescription.optional(),
    index: indexSettings.optional(),
    events: eventSettingsInput.optional(),
  })
  .refine(
    (patch) => Object.keys(patch).length > 0,
    "give name, description, index, events or several of them; nothing else of a library can change",
  );
export type PatchLibraryRequest = z.output<typeof patchLibraryRequest>;

export const libraryList = z.object({ libraries: z.array(library), next_cursor: z.string().nullable() });
export const libraryDeleted = z.object({ deleted: z.literal(true), id: uuid, seq: sequenceNumber });

const pageNumber = z.int({ error: "must be a whole number or null" }).nullable();
const chunkText = boundedText(limits.chunkText, 1);

export const chunkInput = z.strictObject({
  text: chunkText,
  embedding: embedding.optional(),
  page_number: pageNumber.optional(),
  metadata: metadata.optional(),
});
export type ChunkInput = z.output<typeof chunkInput>;

const tag = boundedText(limits.tagLength, 1);
const optionalText = shortText.nullable().optional();
const tooManyChunks = `has more than ${limits.chunksPerDocument} entries; split the document`;

const documentInputFields = {
  id: uuid.optional(),
  title: boundedText(limits.shortText, 1),
  text: chunkText.optional(),
  texts: z
    .array(chunkText)
    .min(1, "must have at least one text")
    .max(limits.chunksPerDocument, tooManyChunks)
    .optional(),
  chunks: z
    .array(chunkInput)
    .min(1, "must have at least one chunk")
    .max(limits.chunksPerDocument, tooManyChunks)
    .optional(),
  author: optionalText,
  document_type: optionalText,
  source_url: optionalText,
  tags: z.array(tag).max(limits.tagsPerDocument, `has more than ${limits.tagsPerDocument} tags`).nullable().optional(),
  metadata: metadata.nullable().optional(),
};

/** The unknown fields of a document: its custom metadata, beside what `metadata` holds. */
function customFields(input: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(input).filter(([name]) => !Object.hasOwn(documentInputFields, name)));
}

/** A document as a client sends it. Unknown fields are its custom metadata. */
export const documentInput = z.looseObject(documentInputFields).transform((input, context) => {
  const given = (["text", "texts", "chunks"] as const).filter((name) => input[name] !== undefined);
  if (given.length !== 1) {
    const message =
      given.length === 0
        ? "is required (or text, or chunks): the document has nothing to search"
        : `stands beside ${given.slice(0, -1).join(" and ")}; give only one of text, texts and chunks`;
    context.addIssue({ code: "custom", path: [given.at(-1) ?? "texts"], message });
  }
  const custom = metadata.safeParse(customFields(input));
  for (const { path, message } of custom.error?.issues ?? []) context.addIssue({ code: "custom", path, message });
  return {
    id: input.id,
    title: input.title,
    author: input.author ?? null,
    documentType: input.document_type ?? null,
    sourceUrl: input.source_url ?? null,
    tags: input.tags ?? [],
    /** A field given both inside `metadata` and beside it has the value beside it. */
    metadata: { ...input.metadata, ...custom.data },
    chunks: input.chunks ?? (input.texts ?? [input.text ?? ""]).map((text): ChunkInput => ({ text })),
  };
});
export type DocumentInput = z.output<typeof documentInput>;

/** What a hit and an event tell of a document. */
export const documentFields = {
  title: z.string(),
  author: z.string().nullable(),
  document_type: z.string().nullable(),
  source_url: z.string().nullable(),
  tags: z.array(z.string()),
  metadata: storedMetadata,
};

export const documentSummary = z.object({
  id: uuid,
  ...documentFields,
  num_chunks: z.int().positive(),
  created_at: timestamp,
  updated_at: timestamp,
  seq: sequenceNumber,
});
export type DocumentSummary = z.output<typeof documentSummary>;

export const chunk = z.object({
  id: uuid,
  chunk_index: z.int().min(0),
  text: z.string(),
  page_number: z.int().nullable(),
  metadata: storedMetadata,
});

/** A whole document. `text` is its chunks joined by a blank line. */
export const document = documentSummary.extend({ text: z.string(), chunks: z.array(chunk) });
export type Document = z.output<typeof document>;

export const documentList = z.object({
  documents: z.array(documentSummary),
  next_cursor: z.string().nullable(),
  seq: sequenceNumber,
});
/** Answers a document added or replaced by itself. */
export const documentWritten = z.object({ document: documentSummary, seq: sequenceNumber });
export const documentFound = z.object({ document, seq: sequenceNumber });
export const documentDeleted = z.object({ deleted: z.literal(true), document_id: uuid, seq: sequenceNumber });

/** `?limit=50&cursor=...`; both come as text. */
export const pageQuery = z.strictObject({
  limit: z.coerce
    .number({ error: "must be a whole number" })
    .int("must be a whole number")
    .min(1, "must be at least 1")
    .max(limits.pageSize, `must be at most ${limits.pageSize}`)
    .default(50),
  cursor: boundedText(200, 1).optional(),
});
