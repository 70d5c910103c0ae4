import type { FilterRecord } from "@arrwdb/protocol/filter/filter";
import { filterRecord } from "../../../filter-record.ts";
import type { ChunksTable } from "../../rows/chunks-table.ts";
import { cosineDistance, rounding } from "../../vectors/cosine-distance.ts";
import { FlatVectors } from "../../vectors/flat-vectors.ts";
import type { LibraryRow } from "../../rows/libraries-table.ts";
import { type Candidate, Nearest } from "../../vectors/nearest.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { SearchRun } from "./search-run.ts";

/** Chunks compared per step. */
const blockSize = 128;

/**
 * Answers searches exactly, by comparing each with every vector of the library on disk. The vectors are read once for all
 * searches, and memory is bounded whatever the library's size. Needs one snapshot of the tables from its first step to
 * its last.
 */
export function* compareEvery(
  chunks: ChunksTable,
  { key: library, space, library: { dimension } }: LibraryRow,
  runs: readonly SearchRun[],
): Steps<readonly (readonly Candidate[])[]> {
  const searches = runs.map((run) => ({ run, nearest: new Nearest(run.search.k) }));
  const queries = new FlatVectors(dimension);
  for (const [place, { search }] of runs.entries()) queries.add(place, search.vector);
  for (const block of blocksOf(chunks.inSpace(space).vectors(library))) {
    const record = recordsOf(chunks);
    queries.compare(
      block.map(({ vector }) => vector),
      (place, position, roughly) => {
        const search = searches[place];
        const chunk = block[position];
        if (search === undefined || chunk === undefined) return false;
        const { run, nearest } = search;
        if (roughly > Math.min(run.maxDistance, nearest.bound) + rounding) return false;
        const distance = cosineDistance(run.search.vector, chunk.vector);
        if (distance <= run.maxDistance && passes(run, chunk.key, record)) nearest.add({ key: chunk.key, distance });
        return true;
      },
    );
    yield;
  }
  return searches.map(({ nearest }) => nearest.sorted());
}

function passes({ check }: SearchRun, key: number, record: (key: number) => FilterRecord): boolean {
  if (check.selection?.exact === true) return check.selection.has(key);
  return check.filter === undefined || check.filter(record(key));
}

function* blocksOf<Item>(items: Iterable<Item>): Generator<readonly Item[]> {
  let block: Item[] = [];
  for (const item of items) {
    block.push(item);
    if (block.length < blockSize) continue;
    yield block;
    block = [];
  }
  if (block.length > 0) yield block;
}

/** Reads the filter record of a chunk, once for all searches. */
function recordsOf(chunks: ChunksTable): (key: number) => FilterRecord {
  const known = new Map<number, FilterRecord>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined) return found;
    const source = chunks.source(key);
    if (source === undefined) throw new Error(`Chunk ${key} has a vector but is not in the tables`);
    const record = filterRecord(source);
    known.set(key, record);
    return record;
  };
}
