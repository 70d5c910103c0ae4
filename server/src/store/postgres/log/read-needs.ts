import { bytes, integer, type Row, text } from "../../engine/rows/row-values.ts";
import type { StoredReceipt } from "../../upload-store.ts";
import { only, type Session, together } from "../database/postgres-database.ts";
import { chunkColumn, documentColumns, toLoggedDocument } from "./logged-document.ts";
import { libraryColumns, toLoggedLibrary } from "./logged-library.ts";
import type { LibraryNeeds } from "./library-needs.ts";
import { JsonColumn } from "../../engine/rows/json-column.ts";
import type { KnownRows } from "./staged-library.ts";
import type { KnownReceipts } from "./staged-uploads.ts";

export const receiptColumn = new JsonColumn<Omit<StoredReceipt, "hash" | "line" | "documentId">>();

/** Milliseconds since 1970, by the clock of PostgreSQL. */
export const databaseNow = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

const lockLibrary = {
  name: "lock-library",
  text: `SELECT ${libraryColumns} FROM arrwdb.libraries WHERE library = $1 AND deleted_at IS NULL FOR UPDATE`,
};
const readClock = { name: "clock", text: `SELECT ${databaseNow} AS now` };
const readDocuments = {
  name: "documents-by-id",
  text: `SELECT ${documentColumns} FROM arrwdb.documents WHERE library = $1 AND id = ANY($2)`,
};
const readWrittenAt = {
  name: "documents-by-seq",
  text: `SELECT ${documentColumns} FROM arrwdb.documents WHERE library = $1 AND seq = ANY($2)`,
};
const readExpired = {
  name: "documents-expired",
  text: `SELECT ${documentColumns} FROM arrwdb.documents WHERE library = $1 AND expires_at <= ${databaseNow} ORDER BY expires_at, added LIMIT $2`,
};
const readFirstTexts = {
  name: "first-texts",
  text: `SELECT d.added, c.content FROM arrwdb.documents d JOIN arrwdb.chunks c ON c.library = d.library AND c.seq = d.chunks_seq AND c.place = 0
    WHERE d.library = $1 AND (d.id = ANY($2) OR d.seq = ANY($3))`,
};
const readUploads = {
  name: "uploads",
  text: "SELECT upload FROM arrwdb.uploads WHERE library = $1 AND upload = ANY($2) AND idempotency_key IS NOT NULL",
};
const readLines = {
  name: "receipts-by-line",
  text: `SELECT upload, line, hash, document_id, receipt FROM arrwdb.receipts
    WHERE library = $1 AND (upload, line) IN (SELECT * FROM unnest($2::uuid[], $3::int[]))`,
};
const readLinesOfDocuments = {
  name: "receipts-by-document",
  text: `SELECT upload, line, hash, document_id, receipt FROM arrwdb.receipts
    WHERE library = $1 AND (upload, document_id) IN (SELECT * FROM unnest($2::uuid[], $3::text[]))`,
};
const lockName = { name: "lock-name", text: "SELECT pg_advisory_xact_lock(hashtextextended('arrwdb ' || $1, 0))" };
const readNamesakes = {
  name: "namesakes",
  text: "SELECT library FROM arrwdb.libraries WHERE name = $1 AND library <> $2 AND deleted_at IS NULL LIMIT 1",
};

/** What a transaction knows before it decides. */
export interface DecisionState {
  readonly library: KnownRows;
  readonly uploads: KnownReceipts;
  /** The time by PostgreSQL's clock. */
  readonly now: Date;
}

/** Begins a transaction that has the library to itself, and reads what is needed, in one round trip. @throws ArrwError */
export async function beginChange(session: Session, libraryId: string, needs: LibraryNeeds): Promise<DecisionState> {
  const { ids = [], seqs = [], lines = [], expired = 0, firstTexts = false, name } = needs;
  const none = Promise.resolve<readonly Row[]>([]);
  const uploads = [...new Set(lines.map(({ upload }) => upload))];
  const named = lines.flatMap(({ upload, documentId }) => (documentId === undefined ? [] : [{ upload, documentId }]));
  const [, , [library], clock, byId, bySeq, dead, texts, known, byLine, byDocument, namesakes] = await together([
    session.run({ text: "BEGIN" }),
    name === undefined ? none : session.run(lockName, [name]),
    session.run(lockLibrary, [libraryId]),
    session.run(readClock),
    ids.length === 0 ? none : session.run(readDocuments, [libraryId, ids]),
    seqs.length === 0 ? none : session.run(readWrittenAt, [libraryId, seqs]),
    expired === 0 ? none : session.run(readExpired, [libraryId, expired]),
    firstTexts ? session.run(readFirstTexts, [libraryId, ids, seqs]) : none,
    uploads.length === 0 ? none : session.run(readUploads, [libraryId, uploads]),
    lines.length === 0
      ? none
      : session.run(readLines, [libraryId, lines.map(({ upload }) => upload), lines.map(({ line }) => line)]),
    named.length === 0
      ? none
      : session.run(readLinesOfDocuments, [
          libraryId,
          named.map(({ upload }) => upload),
          named.map(({ documentId }) => documentId),
        ]),
    name === undefined ? none : session.run(readNamesakes, [name, libraryId]),
  ]);
  return {
    library: {
      stored: library === undefined ? undefined : toLoggedLibrary(library),
      documents: [...byId, ...bySeq, ...dead].map(toLoggedDocument),
      firstTexts: new Map(texts.map((row) => [integer(row, "added"), chunkColumn.decode(text(row, "content")).text])),
      expired: dead.map((row) => text(row, "id")),
      namesakes: namesakes.map((row) => text(row, "library")),
    },
    uploads: {
      uploads: new Set(known.map((row) => text(row, "upload"))),
      receipts: [...byLine, ...byDocument].map((row) => ({ ...toReceipt(row), upload: text(row, "upload") })),
    },
    now: new Date(integer(only(clock), "now")),
  };
}

export function toReceipt(row: Row): StoredReceipt {
  return {
    ...receiptColumn.decode(text(row, "receipt")),
    line: integer(row, "line"),
    hash: bytes(row, "hash"),
    documentId: text(row, "document_id"),
  };
}
