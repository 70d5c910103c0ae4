import { compile, type CompiledFilter, type Filter, type FilterRecord } from "@arrwdb/protocol/filter/filter";
import type { ChunksTable } from "../../rows/chunks-table.ts";
import type { Selection } from "../../metadata-index/row-selection.ts";

/** Checks which chunks pass the filter of one search; reads each chunk at most once. */
export class FilterCheck {
  /** The chunks that pass, if the metadata index knows them. */
  readonly selection: Selection | undefined;
  readonly filter: CompiledFilter | undefined;
  readonly #record: (key: number) => FilterRecord | undefined;
  readonly #verdicts = new Map<number, boolean>();

  constructor(filter: Filter | undefined, selection: Selection | undefined, chunks: ChunksTable) {
    this.filter = filter === undefined ? undefined : compile(filter);
    this.selection = selection;
    this.#record = (key) => chunks.record(key);
  }

  passes(key: number): boolean {
    if (this.filter === undefined) return true;
    if (this.selection?.exact === true) return this.selection.has(key);
    const known = this.#verdicts.get(key);
    if (known !== undefined) return known;
    const verdict = this.selection?.passes(key, this.#record) ?? this.#verify(key, this.filter);
    this.#verdicts.set(key, verdict);
    return verdict;
  }

  #verify(key: number, filter: CompiledFilter): boolean {
    const record = this.#record(key);
    return record !== undefined && filter(record);
  }
}
