import type { DatabaseSync } from "node:sqlite";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { HoldMeter } from "../../../scheduling/hold-meter.ts";
import { Slice } from "../../../scheduling/slice.ts";
import type { Log } from "../../engine/threads/thread-messages.ts";
import type { Tables } from "../tables/tables.ts";
import type { Transactions } from "../writing/transactions.ts";
import { WebhookWrites } from "../writing/webhook-writes.ts";
import { FreeSpace } from "./free-space.ts";
import { type Forgetting, Retention } from "./retention.ts";
import { removeUploads, UploadRetention } from "./upload-retention.ts";
import { VectorClearing } from "./vector-clearing.ts";

/** Rows of a deleted library removed per step. */
const purgeStep = 16;

/** Milliseconds per transaction for removing rows of a deleted library. */
const purgeTime = 2;

export interface BackgroundWorkOptions {
  readonly database: DatabaseSync;
  readonly transactions: Transactions;
  readonly tables: Tables;
  readonly holds: HoldMeter;
  readonly uploadLifetime: number;
  readonly log: Log;
}

/** What the writing thread does between writes, a slice at a time. */
export class BackgroundWork {
  readonly #transactions: Transactions;
  readonly #tables: Tables;
  readonly #holds: HoldMeter;
  readonly #log: Log;
  readonly #retention: Retention;
  readonly #uploadRetention: UploadRetention;
  readonly #clearing: VectorClearing;
  readonly #freeSpace: FreeSpace;
  #purging = true;
  #merging = true;
  #givingBack = true;

  constructor({ database, transactions, tables, holds, uploadLifetime, log }: BackgroundWorkOptions) {
    this.#transactions = transactions;
    this.#tables = tables;
    this.#holds = holds;
    this.#log = log;
    this.#freeSpace = new FreeSpace(database);
    this.#retention = new Retention(tables);
    this.#retention.allDue();
    this.#uploadRetention = new UploadRetention(tables, uploadLifetime);
    this.#clearing = new VectorClearing(tables);
  }

  /** Whether rows of deleted libraries are left. */
  get purging(): boolean {
    return this.#purging;
  }

  get freeBytes(): number {
    return this.#freeSpace.bytes;
  }

  /** These events were committed. */
  changed(events: readonly LibraryEvent[]): void {
    for (const { library_id } of events) this.#retention.changed(library_id);
  }

  /** A library was deleted: its rows are left. */
  libraryDeleted(): void {
    this.#purging = true;
  }

  /** A library has changed over to other vectors, or has not: those that it needs no longer are left. */
  reembeddingEnded(): void {
    this.#clearing.allDue();
    this.#givingBack = true;
  }

  /** Words were removed, so that merging them takes longer than a commit should. */
  wordsRemoved(): void {
    this.#merging = true;
  }

  /** Time has passed: something may have expired, and deletions may have left free space. */
  allDue(): void {
    this.#retention.allDue();
    this.#uploadRetention.allDue();
    this.#givingBack = true;
  }

  /** Runs one slice; returns whether there is more. */
  work(): boolean {
    return (
      this.#merge() ||
      this.#purge() ||
      this.#forget("retention", this.#retention) ||
      this.#forget("uploads", this.#uploadRetention) ||
      this.#forget("vectors", this.#clearing) ||
      this.#giveBack()
    );
  }

  /** Merges words of recent writes, for some milliseconds; in a transaction. */
  mergeTexts(milliseconds?: number): void {
    const slice = new Slice(milliseconds);
    do this.#merging = this.#tables.texts.merge();
    while (this.#merging && !slice.over);
  }

  #transact<Value>(run: () => Value): Value {
    return this.#transactions.lazily(() => this.#transactions.run(run));
  }

  #merge(): boolean {
    if (!this.#merging) return false;
    try {
      this.#holds.measure("merge", () => this.#transact(() => this.mergeTexts()));
    } catch (error) {
      this.#merging = false;
      this.#log("warn", "the keyword index could not be merged; retrying with the next change", {
        reason: String(error),
      });
    }
    return this.#merging;
  }

  #giveBack(): boolean {
    if (!this.#givingBack) return false;
    try {
      const work = () => this.#transactions.freeing(() => this.#freeSpace.work());
      this.#givingBack = this.#transactions.lazily(() => this.#holds.measure("vacuum", work));
    } catch (error) {
      this.#givingBack = false;
      this.#log("warn", "free space could not be returned to the disk; retrying later", { reason: String(error) });
    }
    return this.#givingBack;
  }

  #purge(): boolean {
    if (!this.#purging) return false;
    const key = this.#tables.libraries.nextDeleted();
    this.#purging = key !== undefined;
    this.#givingBack = true;
    if (key === undefined) return false;
    try {
      this.#holds.measure("purge", () => this.#transactions.freeing(() => this.#transact(() => this.#purgeSlice(key))));
    } catch (error) {
      // Continues at the next deletion or start; until then the rows are invisible and only take space.
      this.#purging = false;
      this.#log("warn", "a deleted library could not be purged; retrying later", { reason: String(error) });
    }
    return this.#purging;
  }

  #forget(work: string, old: Forgetting): boolean {
    if (!old.pending) return false;
    try {
      return this.#holds.measure(work, () =>
        this.#transactions.freeing(() => this.#transact(() => old.work(new Date()))),
      );
    } catch (error) {
      this.#log("warn", "expired data could not be removed; retrying later", { reason: String(error) });
      return false;
    }
  }

  #purgeSlice(key: number): void {
    // Committing deleted rows costs as much again.
    const slice = new Slice(purgeTime);
    this.#merging = true;
    while (!slice.over) {
      if (this.#purgeStep(key) > 0) continue;
      this.#tables.reembeddings.remove(key);
      this.#tables.libraries.remove(key);
      return;
    }
  }

  /** Deletes some rows of a deleted library; returns how many. */
  #purgeStep(key: number): number {
    const { texts, chunks, documents, events } = this.#tables;
    return (
      texts.purge(key, purgeStep) ||
      chunks.purge(key, purgeStep) ||
      documents.purge(key, purgeStep) ||
      events.purge(key, purgeStep) ||
      new WebhookWrites(this.#tables).purge(key) ||
      removeUploads(this.#tables, this.#tables.uploads.ofLibrary(key, purgeStep), purgeStep)
    );
  }
}
