import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { IdentifiedChunk, ReplicaChange } from "../../engine/changes/replica-step.ts";
import { integer, nullableText, type Row, text } from "../../engine/rows/row-values.ts";
import { type PostgresDatabase, together } from "../database/postgres-database.ts";
import { chunkColumn, toLoggedDocument } from "./logged-document.ts";
import { libraryColumns, type LoggedLibrary, toLoggedLibrary } from "./logged-library.ts";
import { eventColumn } from "./write-staged.ts";

/** Maximum of documents in one part; a commit has no more of them. */
export const documentsAtOnce = 256;
const eventsAtOnce = 1_024;

export const beginSnapshot = { text: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" };
const readLibrary = {
  name: "read-library",
  text: `SELECT ${libraryColumns}, deleted_at FROM arrwdb.libraries WHERE library = $1`,
};
export const readEvents = {
  name: "read-events",
  text: "SELECT event FROM arrwdb.events WHERE library = $1 AND seq > $2 ORDER BY seq LIMIT $3",
};
/** Vectors are sent as base64 of all of a document: by `pg`, binary results are damaged, and hexadecimal ones twice as long. */
const readDocuments = {
  name: "read-documents",
  text: `SELECT d.id, d.added, d.seq, d.chunks_seq, d.upload, d.summary, c.contents, c.ids, c.vectors
    FROM (SELECT * FROM arrwdb.documents WHERE library = $1 AND seq > $2 ORDER BY seq LIMIT $3) d
    LEFT JOIN LATERAL (
      SELECT string_agg(content, E'\\n' ORDER BY place) AS contents, string_agg(id::text, ' ' ORDER BY place) AS ids,
        encode(string_agg(vector, '' ORDER BY place), 'base64') AS vectors
      FROM arrwdb.chunks WHERE library = $1 AND seq = d.chunks_seq AND d.chunks_seq > $4
    ) c ON true
    ORDER BY d.seq`,
};

/** Positions that a copy of a library has come to. */
export interface LogPlace {
  /** The position that all of the copy is at; 0 if there is nothing. */
  readonly from: number;
  /** Documents up to this position of their last writes are known, and events up to the other. */
  readonly documents: number;
  readonly events: number;
}

/** The next part of a library's log, as of one snapshot. */
export interface LogPart {
  readonly stored: LoggedLibrary;
  readonly isDeleted: boolean;
  readonly changes: readonly ReplicaChange[];
  readonly events: readonly LibraryEvent[];
  readonly place: LogPlace;
  /** Whether this is all up to the library's position. */
  readonly isLast: boolean;
}

export interface LogRange {
  readonly libraryId: string;
  readonly place: LogPlace;
  /** Maximum number of documents; 0 for events alone. */
  readonly documents: number;
}

/**
 * Reads what a copy of a library lacks, a part at a time. A document's former states are gone, so parts before the last one
 * lead through states that the library never had.
 *
 * @returns undefined if there is no such library any more
 * @throws ArrwError
 */
export async function readLog(
  database: PostgresDatabase,
  { libraryId, place, documents }: LogRange,
): Promise<LogPart | undefined> {
  const none = Promise.resolve<readonly Row[]>([]);
  const [, [library], eventRows, documentRows] = await database.session((session) =>
    together([
      session.run(beginSnapshot),
      session.run(readLibrary, [libraryId]),
      session.run(readEvents, [libraryId, place.events, eventsAtOnce]),
      documents > 0 ? session.run(readDocuments, [libraryId, place.documents, documents, place.from]) : none,
      session.run({ text: "COMMIT" }),
    ]),
  );
  if (library === undefined) return undefined;
  const stored = toLoggedLibrary(library);
  const events = eventRows.map((row) => eventColumn.decode(text(row, "event")));
  const isLast = events.length < eventsAtOnce && (documents === 0 || documentRows.length < documents);
  const { seq } = stored.library;
  return {
    stored,
    isDeleted: library["deleted_at"] !== null,
    changes: [...events.flatMap(removalOf), ...documentRows.map((row) => changeOf(row, stored.library.dimension))],
    events,
    place: {
      from: isLast ? seq : place.from,
      documents: isLast ? seq : seqOfLast(documentRows, place.documents),
      events: isLast ? seq : (events.at(-1)?.seq ?? place.events),
    },
    isLast,
  };
}

const seqOfLast = (rows: readonly Row[], otherwise: number): number => {
  const last = rows.at(-1);
  return last === undefined ? otherwise : integer(last, "seq");
};

function removalOf(event: LibraryEvent): ReplicaChange[] {
  if (event.type !== "document.deleted" && event.type !== "document.expired") return [];
  return [{ type: "remove", documentId: event.data.document_id, seq: event.seq }];
}

function changeOf(row: Row, dimension: number): ReplicaChange {
  const { summary, added } = toLoggedDocument(row);
  const contents = nullableText(row, "contents");
  if (contents === null) return { type: "patch", summary };
  return { type: "put", summary, added, chunks: chunksOf(row, contents, dimension) };
}

function chunksOf(row: Row, contents: string, dimension: number): IdentifiedChunk[] {
  const ids = text(row, "ids").split(" ");
  const decoded = Buffer.from(text(row, "vectors"), "base64");
  // Aligned, and apart from Node's pool of small buffers.
  const vectors = new Float32Array(ids.length * dimension);
  new Uint8Array(vectors.buffer).set(decoded);
  return contents.split("\n").map((content, place) => ({
    ...chunkColumn.decode(content),
    id: ids[place] ?? "",
    vector: vectors.slice(place * dimension, (place + 1) * dimension),
  }));
}
