import type { IdentifiedChunk } from "../../engine/changes/replica-step.ts";
import { JsonColumn } from "../../engine/rows/json-column.ts";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { Parameter, Session, Statement } from "../database/postgres-database.ts";
import { contentOf, summaryColumn } from "./logged-document.ts";
import { settingsOf, type LoggedLibrary } from "./logged-library.ts";
import { databaseNow, receiptColumn } from "./read-needs.ts";
import type { StagedLibrary } from "./staged-library.ts";
import type { StagedUploads } from "./staged-uploads.ts";

export const eventColumn = new JsonColumn<LibraryEvent>();

const insertLibrary = {
  name: "insert-library",
  text: "INSERT INTO arrwdb.libraries (library, name, settings, seq, changed_at) VALUES ($1, $2, $3, $4, $5)",
};
const updateLibrary = {
  name: "update-library",
  text: `UPDATE arrwdb.libraries SET name = $2, settings = $3, num_documents = $4, num_chunks = $5, seq = $6, changed_at = $7, expires_at = LEAST(expires_at, $8)
    WHERE library = $1`,
};
const deleteLibrary = {
  name: "delete-library",
  text: `UPDATE arrwdb.libraries SET seq = $2, changed_at = $3, expires_at = NULL, deleted_at = ${databaseNow} WHERE library = $1`,
};
const setExpiry = {
  name: "set-expiry",
  text: `UPDATE arrwdb.libraries SET expires_at = (SELECT min(expires_at) FROM arrwdb.documents WHERE library = $1 AND expires_at IS NOT NULL)
    WHERE library = $1`,
};
const deleteChunks = {
  name: "delete-chunks",
  text: "DELETE FROM arrwdb.chunks WHERE library = $1 AND seq = ANY($2)",
};
const deleteDocuments = {
  name: "delete-documents",
  text: "DELETE FROM arrwdb.documents WHERE library = $1 AND id = ANY($2)",
};
const putDocuments = {
  name: "put-documents",
  text: `INSERT INTO arrwdb.documents (library, id, added, seq, chunks_seq, upload, expires_at, summary)
    SELECT $1, * FROM unnest($2::text[], $3::bigint[], $4::bigint[], $5::bigint[], $6::text[], $7::bigint[], $8::text[])
    ON CONFLICT (library, id) DO UPDATE SET added = excluded.added, seq = excluded.seq, chunks_seq = excluded.chunks_seq,
      upload = excluded.upload, expires_at = excluded.expires_at, summary = excluded.summary`,
};
/** All vectors of a library have the same number of bytes, so they are sent as one value, in binary, and cut here. */
const insertChunks = {
  name: "insert-chunks",
  text: `INSERT INTO arrwdb.chunks (library, seq, place, id, content, vector)
    SELECT $1, seq, place, id, content, substring($6::bytea FROM (($7::int * (number - 1)) + 1)::int FOR $7::int)
    FROM unnest($2::bigint[], $3::int[], $4::uuid[], $5::text[]) WITH ORDINALITY AS new (seq, place, id, content, number)`,
};
const insertEvents = {
  name: "insert-events",
  text: "INSERT INTO arrwdb.events (library, seq, timestamp, event) SELECT $1, * FROM unnest($2::bigint[], $3::text[], $4::text[])",
};
const insertReceipts = {
  name: "insert-receipts",
  text: `INSERT INTO arrwdb.receipts (library, upload, line, hash, document_id, receipt)
    SELECT $1, upload, line, decode(hash, 'hex'), document_id, receipt
    FROM unnest($2::uuid[], $3::int[], $4::text[], $5::text[], $6::text[]) AS new (upload, line, hash, document_id, receipt)`,
};
const useUploads = {
  name: "use-uploads",
  text: `UPDATE arrwdb.uploads SET used_at = ${databaseNow} WHERE library = $1 AND upload = ANY($2)`,
};

/** Bytes of one parameter; PostgreSQL takes at most 1 GB. */
const vectorsOf = (chunks: readonly IdentifiedChunk[]): Buffer =>
  Buffer.concat(
    chunks.map(({ vector: { buffer, byteOffset, byteLength } }) => Buffer.from(buffer, byteOffset, byteLength)),
  );

/** What a transaction has decided. */
export interface Decided {
  readonly libraryId: string;
  /** The library before; undefined if it is new. */
  readonly before: LoggedLibrary | undefined;
  readonly staged: StagedLibrary;
  readonly uploads: StagedUploads;
  /** Whether expired documents were looked for, so that the next instant has to be found. */
  readonly expires: boolean;
}

/** Sends what was decided; it is stored with the transaction's commit. Returns the statements. */
export function writeStaged(
  session: Session,
  { libraryId, before, staged, uploads, expires }: Decided,
): readonly Promise<unknown>[] {
  const sent: Promise<unknown>[] = [];
  const last = staged.events.at(-1);
  // A new library has been given its id by the decision.
  const id = last?.library_id ?? libraryId;
  const run = (statement: Statement, ...values: readonly Parameter[]) =>
    sent.push(session.run(statement, [id, ...values]));
  if (uploads.used.size > 0) run(useUploads, [...uploads.used]);
  if (last === undefined) {
    if (expires) run(setExpiry);
    return sent;
  }
  const { library } = staged;
  const documents = [...staged.written.values()];
  const expiries = documents.map(({ summary: { expires_at } }) =>
    expires_at === null ? null : Date.parse(expires_at),
  );
  if (library === undefined) run(deleteLibrary, last.seq, last.timestamp);
  else if (before === undefined) run(insertLibrary, library.name, settingsOf(library), library.seq, last.timestamp);
  else {
    const next = expiries.filter((at) => at !== null);
    run(
      updateLibrary,
      library.name,
      settingsOf(library),
      library.num_documents,
      library.num_chunks,
      library.seq,
      last.timestamp,
      next.length === 0 ? null : Math.min(...next),
    );
  }
  run(
    insertEvents,
    staged.events.map(({ seq }) => seq),
    staged.events.map(({ timestamp }) => timestamp),
    staged.events.map((event) => eventColumn.encode(event)),
  );
  if (staged.removedChunks.length > 0) run(deleteChunks, staged.removedChunks);
  if (staged.removed.size > 0) run(deleteDocuments, [...staged.removed]);
  if (documents.length > 0) {
    run(
      putDocuments,
      documents.map(({ summary }) => summary.id),
      documents.map(({ added }) => added),
      documents.map(({ summary }) => summary.seq),
      documents.map(({ chunksSeq }) => chunksSeq),
      documents.map(({ uploadId }) => uploadId),
      expiries,
      documents.map(({ summary }) => summaryColumn.encode(summary)),
    );
  }
  const chunks = [...staged.chunks].flatMap(([seq, all]) => all.map((chunk, place) => ({ seq, place, chunk })));
  if (chunks.length > 0) {
    run(
      insertChunks,
      chunks.map(({ seq }) => seq),
      chunks.map(({ place }) => place),
      chunks.map(({ chunk }) => chunk.id),
      chunks.map(({ chunk }) => contentOf(chunk)),
      vectorsOf(chunks.map(({ chunk }) => chunk)),
      chunks[0]?.chunk.vector.byteLength ?? 0,
    );
  }
  if (expires) run(setExpiry);
  const { receipts } = uploads;
  if (receipts.length > 0) {
    run(
      insertReceipts,
      receipts.map(({ upload }) => upload),
      receipts.map(({ line }) => line),
      receipts.map(({ hash }) => Buffer.from(hash).toString("hex")),
      receipts.map(({ documentId }) => documentId),
      receipts.map(({ hash: _hash, line: _line, documentId: _id, upload: _upload, ...receipt }) =>
        receiptColumn.encode(receipt),
      ),
    );
  }
  return sent;
}
