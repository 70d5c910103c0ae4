import type { ChunkRange } from "../rows/chunk-range.ts";
import type { DocumentPlace } from "../rows/documents-table.ts";
import type { LibraryRow } from "../rows/libraries-table.ts";

/** A document that was written, replaced, patched or deleted. */
export interface DocumentChange {
  /** As it was written, with a position greater than those of all others. */
  readonly added?: DocumentPlace | undefined;
  /** Position of the write that this one replaces, or of the deleted document's last write. */
  readonly removed?: number | undefined;
}

/** The effect of a transaction on the indexes, once it is committed. */
export interface IndexChange {
  readonly row: LibraryRow;
  readonly added: readonly { readonly key: number; readonly vector: Float32Array<ArrayBuffer> }[];
  readonly removed: readonly number[];
  /** Chunks of a document whose fields have changed. */
  readonly patched?: ChunkRange | undefined;
  readonly document?: DocumentChange | undefined;
  /** The library was deleted with its index. */
  readonly dropped: boolean;
}
