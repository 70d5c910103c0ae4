/** A line of a resumable upload. */
export interface UploadLine {
  /** From 1. */
  readonly line: number;
  /** SHA-256 of the raw line. */
  readonly hash: Uint8Array;
}

/** A resumable upload. */
export interface ResumableUpload {
  /** The same for each attempt, and unique to this upload. */
  readonly uploadId: string;
}

/** The response to a line that was committed. */
export interface StoredReceipt extends UploadLine {
  readonly documentId: string;
  readonly title: string;
  readonly titleGenerated: boolean;
  readonly numChunks: number;
  readonly seq: number;
}

export interface ReceiptRange {
  readonly uploadId: string;
  readonly afterLine: number;
  readonly limit: number;
}

/** Resumable uploads, and the receipts of their lines. */
export interface UploadStore {
  /**
   * Finds the library's upload with this key, or creates it. Durable when it resolves. An upload unused for 24 hours
   * expires together with its receipts, and its key then starts a new upload; if it expires while in progress, its
   * documents are written without receipts.
   */
  begin(libraryId: string, idempotencyKey: string): Promise<ResumableUpload>;
  /** Receipts of an upload, ordered by line. */
  readReceipts(libraryId: string, range: ReceiptRange): Promise<readonly StoredReceipt[]>;
}
