/** When to make lists, and how large. */
export interface ListThresholds {
  /** Vectors from which on lists are worth building; fewer are scanned exhaustively. */
  readonly trainAt: number;
  /** Vectors for each list that there have to be at least. */
  readonly listSize: number;
}

/** The lists that a library of some size should have. */
export interface ListPlan {
  /** As the library's settings have them. */
  readonly nlist: number | null;
  readonly nprobe: number | null;
  /** How many lists there should be now; 0 where there should be none. */
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

/** Rows of a block: about two blocks a list, so that little room is left over and few reads are needed. */
export function blockRowsFor(size: number, lists: number): number {
  const half = Math.log2(Math.max(1, size / Math.max(1, lists) / 2));
  return 2 ** Math.min(8, Math.max(3, Math.round(half)));
}
