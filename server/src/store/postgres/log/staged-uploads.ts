import { checkSameLine } from "../../receipt-check.ts";
import type { NewDocument } from "../../document-store.ts";
import type { ResumableUpload, StoredReceipt, UploadLine } from "../../upload-store.ts";
import { duplicateId } from "../../embedded/writing/document-errors.ts";
import type { UploadPlace } from "../../embedded/writing/uploads.ts";

/** What a transaction has read of uploads before it decides. */
export interface KnownReceipts {
  /** Uploads that have not expired, of those that were asked for. */
  readonly uploads: ReadonlySet<string>;
  readonly receipts: readonly (StoredReceipt & { readonly upload: string })[];
}

export interface NewReceipt extends StoredReceipt {
  readonly upload: string;
}

/** Lines of resumable uploads while a transaction decides: the receipts read, and those decided since. */
export class StagedUploads {
  readonly #known: ReadonlySet<string>;
  readonly #lines = new Map<string, StoredReceipt>();
  readonly #documents = new Set<string>();
  readonly receipts: NewReceipt[] = [];
  /** Uploads that were used. */
  readonly used = new Set<string>();

  constructor({ uploads, receipts }: KnownReceipts) {
    this.#known = uploads;
    for (const receipt of receipts) this.#add(receipt);
  }

  begin(): ResumableUpload {
    throw new Error("Uploads begin outside of changes to a library");
  }

  place(_library: number, { uploadId = "", uploadLine }: NewDocument): Place | undefined {
    if (uploadLine === undefined || !this.#known.has(uploadId)) return undefined;
    this.used.add(uploadId);
    return {
      replay: () => this.#replay(uploadId, uploadLine),
      checkNew: (documentId) => {
        if (documentId !== undefined && this.#documents.has(keyOf(uploadId, documentId))) throw duplicateId(documentId);
      },
      keep: ({ id, title, title_generated, num_chunks, seq }) => {
        const written = { documentId: id, title, titleGenerated: title_generated, numChunks: num_chunks, seq };
        const receipt = { ...uploadLine, ...written, upload: uploadId };
        this.#add(receipt);
        this.receipts.push(receipt);
      },
    };
  }

  #replay(upload: string, { line, hash }: UploadLine): StoredReceipt | undefined {
    const receipt = this.#lines.get(keyOf(upload, String(line)));
    if (receipt !== undefined) checkSameLine(receipt, hash);
    return receipt;
  }

  #add({ upload, ...receipt }: NewReceipt): void {
    this.#lines.set(keyOf(upload, String(receipt.line)), receipt);
    this.#documents.add(keyOf(upload, receipt.documentId));
  }
}

type Place = Pick<UploadPlace, "replay" | "checkNew" | "keep">;

const keyOf = (upload: string, part: string) => `${upload} ${part}`;
