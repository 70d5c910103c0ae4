import type { LibraryRow } from "../rows/libraries-table.ts";

/** The effect of a transaction on the indexes, once it is committed. */
export interface IndexChange {
  readonly row: LibraryRow;
  readonly added: readonly { readonly key: number; readonly vector: Float32Array<ArrayBuffer> }[];
  readonly removed: readonly number[];
  /** The library was deleted with its index. */
  readonly dropped: boolean;
}
