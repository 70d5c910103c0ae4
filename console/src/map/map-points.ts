import type { Metadata } from "arrwdb-client";

/** Maximum of chunks on a map. */
export const mostPoints = 20_000;
/** Characters of a chunk that the map shows. */
const toldText = 240;

/** A chunk on the map. */
export interface MapPoint {
  readonly chunkId: string;
  readonly documentId: string;
  readonly title: string;
  readonly text: string;
  /** What it can be coloured by. */
  readonly fields: ReadonlyMap<string, string>;
  /** When it was added, in the page's milliseconds; 0 if it was loaded at first. */
  readonly since: number;
}

interface SourceDocument {
  readonly id: string;
  readonly title: string;
  readonly author: string | null;
  readonly document_type: string | null;
  readonly tags: readonly string[];
  readonly metadata: Metadata;
}

interface SourceChunk {
  readonly id: string;
  readonly text: string;
  readonly metadata: Metadata;
}

const nameOf = (value: unknown): string | undefined =>
  ["string", "number", "bigint", "boolean"].includes(typeof value) ? String(value) : undefined;

/** The fields with a single value, which can be used as a colour. */
function fieldsOf(document: SourceDocument, chunk: Metadata): ReadonlyMap<string, string> {
  const { author, document_type, tags, metadata } = document;
  const all = { ...metadata, ...chunk, author, document_type, tags: tags[0] };
  return new Map(
    Object.entries(all).flatMap(([field, value]): [string, string][] => {
      const name = nameOf(value);
      return name === undefined ? [] : [[field, name.slice(0, 60)]];
    }),
  );
}

export function pointOf(document: SourceDocument, chunk: SourceChunk, since: number): MapPoint {
  return {
    chunkId: chunk.id,
    documentId: document.id,
    title: document.title,
    text: chunk.text.slice(0, toldText),
    fields: fieldsOf(document, chunk.metadata),
    since,
  };
}
