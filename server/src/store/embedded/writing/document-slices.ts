import type { DeletedSlice, DocumentSelection, PatchedSlice } from "../../document-store.ts";
import type { DeletedDocuments, PatchedDocuments } from "./writer-messages.ts";
import type { DocumentMatching, MatchedDocuments } from "../../engine/documents/document-messages.ts";

/** Documents that are selected at a time, and sent to be written, which takes some of these. */
const matchesAtOnce = 4_096;
const writesAtOnce = 256;

/** Selects documents by the positions of their last writes. */
export type MatchDocuments = (
  matching: DocumentMatching & { readonly libraryId: string },
  signal: AbortSignal | undefined,
) => Promise<MatchedDocuments>;

export interface SlicedWrite<Done> {
  readonly libraryId: string;
  readonly selection: DocumentSelection;
  readonly signal: AbortSignal | undefined;
  readonly match: MatchDocuments;
  /** Writes some of these documents, given by the positions of their last writes, in one transaction. */
  readonly write: (seqs: readonly number[]) => Promise<Done>;
}

/** Writes the documents that pass, a slice per transaction. Those written meanwhile have later positions. */
async function* inSlices<Done extends { readonly taken: number; readonly seq: number }>({
  libraryId,
  selection,
  signal,
  match,
  write,
}: SlicedWrite<Done>): AsyncGenerator<{ readonly done: Done | undefined; readonly seq: number }, void> {
  let upTo: number | undefined;
  let after = 0;
  for (;;) {
    const { seqs, more, seq } = await match({ ...selection, libraryId, after, upTo, limit: matchesAtOnce }, signal);
    if (upTo === undefined && seqs.length === 0) yield { done: undefined, seq };
    upTo ??= seq;
    for (let next = 0; next < seqs.length;) {
      signal?.throwIfAborted();
      const done = await write([...seqs.subarray(next, next + writesAtOnce)]);
      next += done.taken;
      yield { done, seq: done.seq };
    }
    if (!more) return;
    after = seqs.at(-1) ?? after;
  }
}

/** Deletes the documents that pass, and tells how many so far. */
export async function* deletedSlices(sliced: SlicedWrite<DeletedDocuments>): AsyncGenerator<DeletedSlice, void> {
  let deleted = 0;
  for await (const { done, seq } of inSlices(sliced)) {
    deleted += done?.deleted ?? 0;
    yield { deleted, seq };
  }
}

/** Patches the documents that pass, and tells how many so far. */
export async function* patchedSlices(sliced: SlicedWrite<PatchedDocuments>): AsyncGenerator<PatchedSlice, void> {
  let patched = 0;
  let failed = 0;
  for await (const { done, seq } of inSlices(sliced)) {
    patched += done?.patched ?? 0;
    failed += done?.failed ?? 0;
    yield { patched, failed, seq };
  }
}
