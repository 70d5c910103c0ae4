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

/** The vector of the chunk with this key. */
export interface KeyedVector {
  readonly key: number;
  readonly vector: Float32Array<ArrayBuffer>;
}

/** The effect of a transaction on the indexes, once it is committed. */
export interface IndexChange {
  readonly row: LibraryRow;
  readonly added: readonly KeyedVector[];
  readonly removed: readonly number[];
  /** Chunks of a document whose fields have changed. */
  readonly patched?: ChunkRange | undefined;
  readonly document?: DocumentChange | undefined;
  /** Nothing that is searched has changed: these chunks have a vector in the next space, or there is none any more. */
  readonly nextKeys?: readonly number[] | undefined;
  /** The library's vectors are those of the row's space from now on. */
  readonly changedOver?: boolean | undefined;
  /** One of several transactions that lead through states which the library never had: live queries begin again. */
  readonly partial?: boolean | undefined;
  /** The library was deleted with its index. */
  readonly dropped: boolean;
}

/** Whether a library is not re-embedded any more: one of its spaces is of no use now. */
export const endsReembedding = ({ row, nextKeys, changedOver }: IndexChange): boolean =>
  changedOver === true || (nextKeys !== undefined && row.next === undefined);
