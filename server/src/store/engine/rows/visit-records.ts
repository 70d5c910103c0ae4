import type { FilterRecord } from "@arrwdb/protocol/filter/filter";
import type { Steps } from "../../../scheduling/steps.ts";
import type { ChunksTable } from "./chunks-table.ts";

/** Chunks read per step. */
const readAtOnce = 128;

/**
 * Reads every chunk of a library, in the order of keys.
 *
 * @param visit returns whether to go on
 * @returns whether all were visited
 */
export function* visitRecords(
  chunks: Pick<ChunksTable, "records">,
  library: number,
  visit: (key: number, record: FilterRecord) => boolean,
): Steps<boolean> {
  for (let after = 0; ;) {
    const block = chunks.records(library, after, readAtOnce);
    for (const { key, record } of block) if (!visit(key, record)) return false;
    yield;
    if (block.length < readAtOnce) return true;
    after = block.at(-1)?.key ?? after;
  }
}
