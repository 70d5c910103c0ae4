import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import { ChunkText } from "./chunk-text.ts";
import type { HitShape } from "./hit-shape.ts";
import type { KnownHits } from "./known-hits.ts";
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

/** A long text is in pages of its own, which are read only if it is shown. */
const columns = (text: string) => `c.id, d.id, ${text}, c.metadata, d.created_at, c.page_number, c.chunk_index,
  d.title, d.title_generated, d.author, d.document_type, d.source_url, d.tags, d.metadata`;

/**
 * Serializes hits as JSON directly from the rows: metadata and tags are stored as JSON, and hits are never parsed on their
 * way to the client. Recently read contents are cached.
 */
export class HitSerializer {
  readonly #find;
  readonly #findWithoutText;
  readonly #known: KnownHits;
  /** Number of the last commit in the snapshot that is read. */
  snapshot = 0;

  constructor(database: DatabaseSync, known: KnownHits) {
    this.#known = known;
    const prepare = (text: string) => {
      const joined = "FROM chunks c JOIN documents d ON d.key = c.document";
      const statement = database.prepare(`SELECT ${columns(text)} ${joined} WHERE c.key = ?`);
      statement.setReturnArrays(true);
      return statement;
    };
    this.#find = prepare("c.text");
    this.#findWithoutText = prepare("''");
  }

  /** Undefined for a chunk that does not exist. */
  find({ key, distance, score }: FoundChunk, rank: number, shape?: HitShape): HitText | undefined {
    const content = this.#known.get(key, this.snapshot) ?? this.#read(key, shape?.readsText ?? true);
    if (content === undefined) return undefined;
    const scored = score === undefined ? "" : `,"score":${score}`;
    const head = `{"rank":${rank},${content.ids},"distance":${distance}${scored}`;
    if (shape === undefined) return { json: `${head},${content.rest}}`, characters: content.characters };
    const { json, characters } = shape.show(key, content);
    return { json: json === "" ? `${head}}` : `${head},${json}}`, characters };
  }

  #read(key: number, withText: boolean): ChunkText | undefined {
    const row = (withText ? this.#find : this.#findWithoutText).get(key);
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
    const found = new ChunkText(
      `"chunk_id":"${id}","document_id":${quoted(documentId)}`,
      {
        text: JSON.stringify(text),
        metadata: `{${fields === "" ? "" : `${fields},`}${added}}`,
        ownMetadata: given,
        document:
          `{"title":${quoted(title)},"title_generated":${generated === 1},"author":${quoted(author)},"document_type":${quoted(type)}` +
          `,"source_url":${quoted(url)},"tags":${tags},"metadata":${custom}}`,
      },
      text.length + own.length + String(tags).length + String(custom).length,
    );
    if (withText) this.#known.set(key, found, this.snapshot);
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
