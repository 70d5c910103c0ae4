import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { LRUCache } from "lru-cache";

/** A chunk that answers a search. */
export interface FoundChunk {
  readonly key: number;
  /** Null where no vector was asked for. */
  readonly distance: number | null;
  /** Where the search was not by distance alone. */
  readonly score?: number | undefined;
}

/** A hit as JSON, and how many characters its text and metadata have. */
export interface HitText {
  readonly json: string;
  readonly characters: number;
}

const columns = `c.id, d.id, c.text, c.metadata, d.created_at, c.page_number, c.chunk_index,
  d.title, d.author, d.document_type, d.source_url, d.tags, d.metadata`;

/** What a hit tells of its chunk, whatever the search was. */
interface Content {
  readonly ids: string;
  readonly rest: string;
  readonly characters: number;
}

/** What hits hold, by the keys of their chunks. */
export type KnownHits = LRUCache<number, Content>;

export const newKnownHits = (): KnownHits =>
  new LRUCache({
    maxSize: rememberedCharacters,
    maxEntrySize: longestRemembered,
    sizeCalculation: ({ ids, rest }) => ids.length + rest.length,
  });

/** Characters of content that are remembered, and the most that one may have. */
const rememberedCharacters = 12 * 1024 * 1024;
const longestRemembered = 32 * 1024;

/**
 * Writes hits as JSON text, straight from the rows: metadata and tags are JSON there already, and nobody looks into a hit
 * on its way to the client. Those that were read last are remembered: what a chunk holds never changes, as a document that
 * is replaced has new chunks.
 */
export class HitsTable {
  readonly #find;
  readonly #known: KnownHits;

  constructor(database: DatabaseSync, known: KnownHits) {
    this.#known = known;
    this.#find = database.prepare(
      `SELECT ${columns} FROM chunks c JOIN documents d ON d.key = c.document WHERE c.key = ?`,
    );
    this.#find.setReturnArrays(true);
  }

  /** Undefined for a chunk that is not there. */
  find({ key, distance, score }: FoundChunk, rank: number): HitText | undefined {
    const content = this.#known.get(key) ?? this.#read(key);
    if (content === undefined) return undefined;
    const { ids, rest, characters } = content;
    const scored = score === undefined ? "" : `,"score":${score}`;
    return { json: `{"rank":${rank},${ids},"distance":${distance}${scored},${rest}}`, characters };
  }

  #read(key: number): Content | undefined {
    const row = this.#find.get(key);
    if (!Array.isArray(row)) return undefined;
    const [id, documentId, content, metadata, createdAt, page, index, title, author, type, url, tags, custom] =
      row.map(textOf);
    const text = String(content);
    const own = String(metadata);
    // The names of these fields are refused in custom metadata, so none stands twice.
    const fields = `"created_at":"${createdAt}","page_number":${page},"chunk_index":${index},"source_document_id":"${documentId}"`;
    const rest =
      `"text":${JSON.stringify(text)},"metadata":{${own === "{}" ? "" : `${own.slice(1, -1)},`}${fields}}` +
      `,"document":{"title":${quoted(title)},"author":${quoted(author)},"document_type":${quoted(type)}` +
      `,"source_url":${quoted(url)},"tags":${tags},"metadata":${custom}}`;
    const found = {
      ids: `"chunk_id":"${id}","document_id":"${documentId}"`,
      rest,
      characters: text.length + own.length + String(tags).length + String(custom).length,
    };
    this.#known.set(key, found);
    return found;
  }
}

type ColumnValue = string | number | null;

/** These columns hold texts, whole numbers and nothing else. */
function textOf(value: SQLOutputValue): ColumnValue {
  return typeof value === "string" || typeof value === "number" ? value : null;
}

const quoted = (value: ColumnValue | undefined): string =>
  value === null || value === undefined ? "null" : JSON.stringify(value);
