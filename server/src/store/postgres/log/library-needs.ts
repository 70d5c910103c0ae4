/** A line of a resumable upload that may have been committed before. */
export interface NeededLine {
  readonly upload: string;
  readonly line: number;
  readonly documentId: string | undefined;
}

/** What a change has to know of its library before it is decided. */
export interface LibraryNeeds {
  /** Documents by id. */
  readonly ids?: readonly string[] | undefined;
  /** Documents by the positions of their last writes. */
  readonly seqs?: readonly number[] | undefined;
  /** Whether the first texts of these documents are needed. */
  readonly firstTexts?: boolean | undefined;
  readonly lines?: readonly NeededLine[] | undefined;
  /** Maximum number of expired documents. */
  readonly expired?: number | undefined;
  /** A name that no other library may have. */
  readonly name?: string | undefined;
}

/** The needs of several changes, which are decided together. */
export function allNeeds(needs: readonly LibraryNeeds[]): LibraryNeeds {
  const name = needs.find((each) => each.name !== undefined)?.name;
  return {
    ids: [...new Set(needs.flatMap(({ ids = [] }) => ids))],
    seqs: needs.flatMap(({ seqs = [] }) => seqs),
    firstTexts: needs.some(({ firstTexts }) => firstTexts),
    lines: needs.flatMap(({ lines = [] }) => lines),
    expired: Math.max(0, ...needs.map(({ expired = 0 }) => expired)),
    name,
  };
}
