import { applyStep } from "../../engine/changes/apply-step.ts";
import type { ReplicaStep } from "../../engine/changes/replica-step.ts";
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
  readonly #tables: Tables;
  readonly #rows: RowWriter;

  constructor(tables: Tables, uploads: Uploads, clock: EventClock) {
    const rows = new RowWriter(tables);
    const now = new Date();
    super({ tables, rows, uploads, clock, now });
    this.#tables = tables;
    this.#rows = rows;
    this.reembeddings = new ReembeddingWrites(tables, rows, now.toISOString());
  }

  /** Undefined if a chunk has no new vector yet. */
  changeOver(take: Operations["changeOver"]["take"]): StoredReembedding | undefined {
    const row = this.reembeddings.changeOver(take);
    if (row === undefined) return undefined;
    this.updated(row);
    return latestReembedding(this.#tables, take.libraryId);
  }

  /** Takes over a step that was decided elsewhere. */
  applyStep(step: ReplicaStep): void {
    applyStep(this.#tables, this.#rows, step);
    this.events.push(...step.events);
  }

  /** Removes a replica's rows; the library itself lives on elsewhere. */
  dropLibrary(libraryId: string): void {
    const row = this.#tables.libraries.peek(libraryId);
    if (row !== undefined) this.#rows.deleteLibrary(row, row.library.seq);
  }
}
