/** When to build lists, and how large. */
export interface ListThresholds {
  /** Minimum number of vectors for lists; fewer are scanned exhaustively. */
  readonly trainAt: number;
  /** Minimum number of vectors per list. */
  readonly listSize: number;
}

/** The lists that a library of some size should have. */
export interface ListPlan {
  /** From the library's settings. */
  readonly nlist: number | null;
  readonly nprobe: number | null;
  /** Number of lists; 0 for none. */
  readonly lists: number;
}

/**
 * Four times the square root of the number of vectors, as FAISS advises below a million (guidelines to choose an index);
 * never so many that too few vectors are left to train each, which FAISS puts at 39.
 */
export function planLists(
  nlist: number | null,
  nprobe: number | null,
  size: number,
  { trainAt, listSize }: ListThresholds,
): ListPlan {
  const wanted = nlist ?? Math.round(4 * Math.sqrt(size));
  const lists = size < trainAt ? 0 : Math.max(1, Math.min(wanted, Math.floor(size / listSize)));
  return { nlist, nprobe, lists };
}

/** Rows per block: about two blocks per list, which wastes little space and needs few reads. */
export function blockRowsFor(size: number, lists: number): number {
  const half = Math.log2(Math.max(1, size / Math.max(1, lists) / 2));
  return 2 ** Math.min(8, Math.max(3, Math.round(half)));
}
