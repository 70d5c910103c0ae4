import type { Store } from "../store/store.ts";

/**
 * The position that a reader begins after: the one that it gives, or the library's own.
 *
 * @throws ArrwError `position_expired`, `position_ahead` for one from which nothing can be resumed.
 */
export async function feedStart(store: Store, libraryId: string, fromSeq: number | undefined): Promise<number> {
  if (fromSeq === undefined) return (await store.getLibrary(libraryId)).seq;
  await store.readEvents(libraryId, { afterSeq: fromSeq, limit: 1 });
  return fromSeq;
}
