import { paired } from "../../../util/pair-lists.ts";
import type { NewDocument } from "../../document-store.ts";
import { toErrorData } from "../../engine/threads/error-data.ts";
import type { Operations } from "./writer-messages.ts";

type Outcomes = Operations["writeDocuments"]["give"];

/** Maximum number of chunks in a transaction: writing and indexing so many takes about 10 ms. */
export const chunksPerTransaction = 200;

/**
 * Writes documents in order, split into several calls if they are too large for one: a transaction cannot be interrupted,
 * and others wait for its end. If all calls fail, so does this; otherwise a failed call is the outcome of its documents.
 */
export async function inPortions(
  documents: readonly NewDocument[],
  write: (portion: readonly NewDocument[]) => Promise<Outcomes>,
): Promise<Outcomes> {
  if (documents.length === 0) return [];
  const portions = portionsOf(documents);
  const calls = await Promise.allSettled(portions.map(write));
  const failures = calls.flatMap((call) => (call.status === "rejected" ? [call.reason] : []));
  if (failures.length === calls.length) throw failures[0];
  return paired(portions, calls, "The store").flatMap(([portion, call]) =>
    call.status === "fulfilled" ? call.value : portion.map(() => ({ error: toErrorData(call.reason) })),
  );
}

/** Groups documents by transaction; a document with more chunks has one to itself. */
export function portionsOf(documents: readonly NewDocument[]): readonly (readonly NewDocument[])[] {
  const portions: NewDocument[][] = [];
  let chunks = 0;
  for (const document of documents) {
    const last = portions.at(-1);
    if (last !== undefined && chunks + document.chunks.length <= chunksPerTransaction) last.push(document);
    else {
      portions.push([document]);
      chunks = 0;
    }
    chunks += document.chunks.length;
  }
  return portions;
}
