import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { ChunkText, KnownHits } from "./known-hits.ts";
import { hitFields } from "../../rows/metadata-columns.ts";

/** A hit of a search. */
export interface FoundChunk {
  readonly key: number;
  /** Null if the search had no vector. */
  readonly distance: number | null;
  /** Present unless the search was by distance alone. */
  readonly score?: number | undefined;
  /** If it is not that of its place in the answer. */
  readonly rank?: number | undefined;
}

/** A serialized hit, and the number of characters of its text and metadata. */
export interface HitText {
  readonly json: string;
  readonly characters: number;
}

const columns = `c.id, d.id, c.text, c.metadata, d.created_at, c.page_number, c.chunk_index,
  d.title, d.title_generated, d.author, d.document_type, d.source_url, d.tags, d.metadata`;

/**
 * Serializes hits as JSON directly from the rows: metadata and tags are stored as JSON, and hits are never parsed on their
 * way to the client. Recently read contents are cached.
 */
export class HitSerializer {
  readonly #find;
  readonly #known: KnownHits;
  /** Number of the last commit in the snapshot that is read. */
  snapshot = 0;

  constructor(database: DatabaseSync, known: KnownHits) {
    this.#known = known;
    this.#find = database.prepare(
      `SELECT ${columns} FROM chunks c JOIN documents d ON d.key = c.document WHERE c.key = ?`,
    );
    this.#find.setReturnArrays(true);
  }

  /** Undefined for a chunk that does not exist. */
  find({ key, distance, score }: FoundChunk, rank: number): HitText | undefined {
    const content = this.#known.get(key, this.snapshot) ?? this.#read(key);
    if (content === undefined) return undefined;
    const { ids, rest, characters } = content;
    const scored = score === undefined ? "" : `,"score":${score}`;
    return { json: `{"rank":${rank},${ids},"distance":${distance}${scored},${rest}}`, characters };
  }

  #read(key: number): ChunkText | undefined {
    const row = this.#find.get(key);
    if (!Array.isArray(row)) return undefined;
    const [
      id,
      documentId,
      content,
      metadata,
      createdAt,
      page,
      index,
      title,
      generated,
      author,
      type,
      url,
      tags,
      custom,
    ] = row.map(textOf);
    const text = String(content);
    const own = String(metadata);
    const { fields, own: given } = hitFields(own);
    const added = `"created_at":"${createdAt}","page_number":${page},"chunk_index":${index},"source_document_id":${quoted(documentId)}`;
    const rest =
      `"text":${JSON.stringify(text)},"metadata":{${fields === "" ? "" : `${fields},`}${added}}` +
      (given === undefined ? "" : `,"own_metadata":${given}`) +
      `,"document":{"title":${quoted(title)},"title_generated":${generated === 1},"author":${quoted(author)},"document_type":${quoted(type)}` +
      `,"source_url":${quoted(url)},"tags":${tags},"metadata":${custom}}`;
    const found = {
      ids: `"chunk_id":"${id}","document_id":${quoted(documentId)}`,
      rest,
      characters: text.length + own.length + String(tags).length + String(custom).length,
    };
    this.#known.set(key, found, this.snapshot);
    return found;
  }
}

type ColumnValue = string | number | null;

/** These columns only contain text and integers. */
function textOf(value: SQLOutputValue): ColumnValue {
  return typeof value === "string" || typeof value === "number" ? value : null;
}

const quoted = (value: ColumnValue | undefined): string =>
  value === null || value === undefined ? "null" : JSON.stringify(value);
