import type { Document, Library } from "@arrwdb/protocol/model";

/** A document as it is exported: its chunks in their order, and the vector of each. */
export interface ExportedDocument {
  readonly document: Document;
  /** At length 1, as many as the document has chunks. */
  readonly vectors: readonly Float32Array<ArrayBuffer>[];
}

/** A library as it was at one position, given out as fast as it is taken. */
export interface LibraryExport {
  /** Its `seq` is the position that everything is as of. */
  readonly library: Library;
  /**
   * Some documents more, in the order in which they were first added; none at the end. Not to be called twice at a time.
   *
   * @throws ArrwError `slow_reader` where the export has been open for longer than one may be.
   */
  next(): Promise<readonly ExportedDocument[]>;
  /** Gives up what the export holds; to be called however it went. Safe to call twice. */
  end(): void;
}
