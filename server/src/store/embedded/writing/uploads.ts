import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import { checkSameLine } from "../../receipt-check.ts";
import type { NewDocument } from "../../document-store.ts";
import type { ResumableUpload, StoredReceipt, UploadLine } from "../../upload-store.ts";
import { duplicateId } from "./document-errors.ts";
import type { Tables } from "../tables/tables.ts";

type WrittenFields = Pick<DocumentSummary, "id" | "title" | "title_generated" | "num_chunks" | "seq">;

/** Resumable uploads; everything runs within the caller's transaction. */
export class Uploads {
  readonly #tables: Tables;
  /** Milliseconds without use after which an upload expires. */
  readonly #lifetime: number;

  constructor(tables: Tables, lifetime: number) {
    this.#tables = tables;
    this.#lifetime = lifetime;
  }

  /** The upload with this key, marked as used now; a new one if there is none, or it has expired. */
  begin(library: number, idempotencyKey: string, now: Date): ResumableUpload {
    const { uploads } = this.#tables;
    const found = uploads.named(library, idempotencyKey);
    if (found !== undefined && found.usedAt > now.getTime() - this.#lifetime) {
      uploads.use(found.key, now.getTime());
      return { uploadId: String(found.key) };
    }
    if (found !== undefined) uploads.unname(found.key);
    return { uploadId: String(uploads.insert(library, idempotencyKey, now.getTime())) };
  }

  /** The line of a document in its upload, or undefined if it has none, or the upload has expired. */
  place(library: number, { uploadId, uploadLine }: NewDocument, now: Date): UploadPlace | undefined {
    if (uploadLine === undefined) return undefined;
    const found = this.#tables.uploads.find(library, Number(uploadId));
    if (found === undefined) return undefined;
    // A long upload counts as used while it lasts; once per transaction is enough.
    if (found.usedAt !== now.getTime()) this.#tables.uploads.use(found.key, now.getTime());
    return new UploadPlace(this.#tables, found.key, uploadLine);
  }
}

/** One line of a resumable upload. */
export class UploadPlace {
  readonly #tables: Tables;
  readonly #upload: number;
  readonly #uploadLine: UploadLine;

  constructor(tables: Tables, upload: number, uploadLine: UploadLine) {
    this.#tables = tables;
    this.#upload = upload;
    this.#uploadLine = uploadLine;
  }

  /** The receipt of this line, if it was committed. @throws ArrwError `idempotency_conflict` if its content differs */
  replay(): StoredReceipt | undefined {
    const receipt = this.#tables.receipts.find(this.#upload, this.#uploadLine.line);
    if (receipt !== undefined) checkSameLine(receipt, this.#uploadLine.hash);
    return receipt;
  }

  /** Also applies if the document has been deleted or replaced meanwhile. @throws ArrwError `duplicate_id` */
  checkNew(documentId: string | undefined): void {
    if (documentId === undefined) return;
    if (this.#tables.receipts.hasDocument(this.#upload, documentId)) throw duplicateId(documentId);
  }

  keep({ id, title, title_generated, num_chunks, seq }: WrittenFields): void {
    const written = { documentId: id, title, titleGenerated: title_generated, numChunks: num_chunks, seq };
    this.#tables.receipts.insert(this.#upload, { ...this.#uploadLine, ...written });
  }
}
