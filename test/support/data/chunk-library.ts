import type { Metadata } from "@arrwdb/protocol/documents/metadata";
import { compile, type Filter, type FilterRecord } from "@arrwdb/protocol/filter/filter";
import { expect } from "vitest";
import {
  defaultMetadataThresholds,
  MetadataIndex,
  type MetadataThresholds,
} from "../../../server/src/store/engine/metadata-index/metadata-index.ts";
import { ownFields } from "./metadata-arbitraries.ts";

/** Chunks as the tables have them, and an index of them. */
export class ChunkLibrary {
  readonly chunks = new Map<number, FilterRecord>();
  index: MetadataIndex;
  /** Those whose records have changed since the index was saved. */
  readonly changed = new Set<number>();
  reads = 0;
  readonly #thresholds: MetadataThresholds;
  #last: number;

  constructor(records: readonly FilterRecord[], thresholds: MetadataThresholds, firstKey = 1) {
    for (const [position, record] of records.entries()) this.chunks.set(firstKey + position * 2, record);
    this.#last = firstKey + records.length * 2;
    this.#thresholds = thresholds;
    this.index = new MetadataIndex([...this.chunks.keys()], this.#read, thresholds);
  }

  readonly #read = (after: number, limit: number) => {
    this.reads++;
    const keys = [...this.chunks.keys()].filter((key) => key > after);
    return keys.slice(0, limit).map((key) => ({ key, record: this.chunks.get(key) ?? ownFields({}) }));
  };

  static of(metadata: readonly Metadata[], thresholds: MetadataThresholds): ChunkLibrary {
    return new ChunkLibrary(metadata.map(ownFields), thresholds);
  }

  /** Restores the index from what it was before some changes that it did not hear of. */
  reopen(saved: Uint8Array): void {
    this.index = MetadataIndex.restore(saved, [...this.chunks.keys()], this.#read, this.#thresholds);
    for (const key of this.changed) this.index.update(key);
  }

  add(record: FilterRecord, gap = 1): void {
    this.#last += gap;
    this.chunks.set(this.#last, record);
    this.index.add(this.#last, record);
  }

  /** Gives a chunk another record, which the index may be told at once or has to read. */
  update(place: number, record: FilterRecord, told: boolean): void {
    const key = [...this.chunks.keys()][place % Math.max(1, this.chunks.size)];
    if (key === undefined) return;
    this.chunks.set(key, record);
    this.changed.add(key);
    this.index.update(key, told ? record : undefined);
  }

  /** Removes a chunk by its place among the others. */
  remove(place: number): void {
    const key = [...this.chunks.keys()][place % Math.max(1, this.chunks.size)];
    if (key === undefined) return;
    this.chunks.delete(key);
    this.index.remove(key);
  }
}

export interface SelectionAnswer {
  /** The chunks that pass, those that were selected, and those of which the record had to be read. */
  readonly passing: readonly number[];
  readonly selected: readonly number[];
  readonly read: readonly number[];
  readonly exact: boolean;
}

/** Asks the index for what it selects, in each of the ways to ask. */
export function ask({ index, chunks }: ChunkLibrary, filter: Filter, fully: boolean): SelectionAnswer {
  const selection = fully ? index.evaluateFully(filter) : index.evaluate(filter);
  const read: number[] = [];
  const record = (key: number) => {
    read.push(key);
    return chunks.get(key);
  };
  const selected = [...selection.keys()];
  const passed = [...chunks.keys()].filter((key) => selection.passes(key, record));
  expect([...chunks.keys()].filter((key) => selection.has(key))).toEqual(selected);
  expect(selected.filter((key) => passed.includes(key))).toEqual(passed);
  expect([selection.count, selection.certainCount]).toEqual([selected.length, selected.length - read.length]);
  expect([selection.exact, selection.has(0), index.size]).toEqual([read.length === 0, false, chunks.size]);
  return { passing: passed, selected, read, exact: selection.exact };
}

/** What passes, as every record tells. */
export function passing({ chunks }: ChunkLibrary, filter: Filter): readonly number[] {
  const passes = compile(filter);
  return [...chunks].filter(([, record]) => passes(record)).map(([key]) => key);
}

/** So small that everything is reached with few chunks. */
export const smallThresholds: MetadataThresholds = {
  ...defaultMetadataThresholds,
  slice: 3,
  many: { collected: 4, merged: 32 },
  atOnce: 0,
};
