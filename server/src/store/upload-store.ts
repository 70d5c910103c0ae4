/** A line of an upload that can be sent again. */
export interface UploadLine {
  /** From 1. */
  readonly line: number;
  /** SHA-256 of the line as it was sent. */
  readonly hash: Uint8Array;
}

/** An upload that can be sent again. */
export interface ResumableUpload {
  /** The same for each time that it is sent, and for no other upload. */
  readonly uploadId: string;
}

/** What was answered to a line that was committed. */
export interface StoredReceipt extends UploadLine {
  readonly documentId: string;
  readonly title: string;
  readonly numChunks: number;
  readonly seq: number;
}

export interface ReceiptRange {
  readonly uploadId: string;
  readonly afterLine: number;
  readonly limit: number;
}

/** Uploads that can be sent again, and the receipts of their lines. */
export interface UploadStore {
  /**
   * Finds the upload with this key in the library, or makes it. Durable when it resolves. One that was not used for 24
   * hours is forgotten with its receipts, and the key begins a new upload; documents of one that is forgotten while it
   * is under way are written without a receipt.
   */
  begin(libraryId: string, idempotencyKey: string): Promise<ResumableUpload>;
  /** Receipts of an upload, in the order of their lines. */
  readReceipts(libraryId: string, range: ReceiptRange): Promise<readonly StoredReceipt[]>;
}
