import type { Document, Library } from "@arrwdb/protocol/documents/model";

/** An exported document: its chunks in order, with their vectors. */
export interface ExportedDocument {
  readonly document: Document;
  /** Unit vectors, one per chunk. */
  readonly vectors: readonly Float32Array<ArrayBuffer>[];
}

/** A snapshot of a library, read as fast as the consumer takes it. */
export interface LibraryExport {
  /** Its `seq` is the position of the snapshot. */
  readonly library: Library;
  /**
   * The next documents, in insertion order; empty at the end. Calls must not overlap.
   *
   * @throws ArrwError `slow_reader` if the export exceeded the time for which it may stay open
   */
  next(): Promise<readonly ExportedDocument[]>;
  /** Releases the export's resources; must be called on success and failure alike. Idempotent. */
  end(): void;
}
