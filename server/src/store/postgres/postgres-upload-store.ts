import { isUuid } from "@arrwdb/protocol/documents/document-id";
import { v7 as uuidv7 } from "uuid";
import { text } from "../engine/rows/row-values.ts";
import type { ReceiptRange, ResumableUpload, StoredReceipt, UploadStore } from "../upload-store.ts";
import { only, type PostgresDatabase, together } from "./database/postgres-database.ts";
import { checkLibraryId } from "./log/positions.ts";
import { libraryNotFound } from "../engine/rows/libraries-table.ts";
import { databaseNow, toReceipt } from "./log/read-needs.ts";

const findLibrary = {
  name: "library-exists",
  text: "SELECT 1 AS found FROM arrwdb.libraries WHERE library = $1 AND deleted_at IS NULL FOR SHARE",
};
const expireUpload = {
  name: "expire-upload",
  text: `UPDATE arrwdb.uploads SET idempotency_key = NULL WHERE library = $1 AND idempotency_key = $2 AND used_at <= ${databaseNow} - $3`,
};
const beginUpload = {
  name: "begin-upload",
  text: `INSERT INTO arrwdb.uploads (library, upload, idempotency_key, used_at) VALUES ($1, $2, $3, ${databaseNow})
    ON CONFLICT (library, idempotency_key) DO UPDATE SET used_at = excluded.used_at RETURNING upload`,
};
const readReceipts = {
  name: "receipts",
  text: `SELECT r.upload, r.line, r.hash, r.document_id, r.receipt FROM arrwdb.uploads u
    JOIN arrwdb.receipts r ON r.library = u.library AND r.upload = u.upload
    WHERE u.library = $1 AND u.upload = $2 AND u.idempotency_key IS NOT NULL AND r.line > $3 ORDER BY r.line LIMIT $4`,
};

/** Resumable uploads in PostgreSQL. */
export class PostgresUploadStore implements UploadStore {
  readonly #database: PostgresDatabase;
  /** Milliseconds without use after which an upload expires. */
  readonly #lifetime: number;

  constructor(database: PostgresDatabase, lifetime: number) {
    this.#database = database;
    this.#lifetime = lifetime;
  }

  async begin(libraryId: string, idempotencyKey: string): Promise<ResumableUpload> {
    checkLibraryId(libraryId);
    const [, [library], , begun] = await this.#database.session((session) =>
      together([
        session.run({ text: "BEGIN" }),
        session.run(findLibrary, [libraryId]),
        session.run(expireUpload, [libraryId, idempotencyKey, this.#lifetime]),
        session.run(beginUpload, [libraryId, uuidv7(), idempotencyKey]),
        session.run({ text: "COMMIT" }),
      ]),
    );
    if (library === undefined) throw libraryNotFound(libraryId);
    return { uploadId: text(only(begun), "upload") };
  }

  async readReceipts(
    libraryId: string,
    { uploadId, afterLine, limit }: ReceiptRange,
  ): Promise<readonly StoredReceipt[]> {
    checkLibraryId(libraryId);
    const [[library], receipts] = await this.#database.session((session) =>
      together([
        session.run(findLibrary, [libraryId]),
        isUuid(uploadId) ? session.run(readReceipts, [libraryId, uploadId, afterLine, limit]) : Promise.resolve([]),
      ]),
    );
    if (library === undefined) throw libraryNotFound(libraryId);
    return receipts.map(toReceipt);
  }
}
