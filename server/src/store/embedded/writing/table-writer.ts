import { RowWriter } from "../../engine/changes/row-writer.ts";
import type { StoredReembedding } from "../../reembedding-store.ts";
import type { Tables } from "../tables/tables.ts";
import type { EventClock } from "./event-clock.ts";
import { latestReembedding, ReembeddingWrites } from "./reembedding-writes.ts";
import type { Uploads } from "./uploads.ts";
import { Writer } from "./writer.ts";
import type { Operations } from "./writer-messages.ts";

/** A writer of one transaction on tables. */
export class TableWriter extends Writer {
  readonly reembeddings: ReembeddingWrites;
  readonly #libraries: Tables;

  constructor(tables: Tables, uploads: Uploads, clock: EventClock) {
    const rows = new RowWriter(tables);
    const now = new Date();
    super({ tables, rows, uploads, clock, now });
    this.#libraries = tables;
    this.reembeddings = new ReembeddingWrites(tables, rows, now.toISOString());
  }

  /** Undefined if a chunk has no new vector yet. */
  changeOver(take: Operations["changeOver"]["take"]): StoredReembedding | undefined {
    const row = this.reembeddings.changeOver(take);
    if (row === undefined) return undefined;
    this.updated(row);
    return latestReembedding(this.#libraries, take.libraryId);
  }
}
