import type { LibraryRow } from "../rows/libraries-table.ts";

/** What a transaction means for the indexes, once it is committed. */
export interface IndexChange {
  readonly row: LibraryRow;
  readonly added: readonly { readonly key: number; readonly vector: Float32Array<ArrayBuffer> }[];
  readonly removed: readonly number[];
  /** The library is gone with its index. */
  readonly dropped: boolean;
}
