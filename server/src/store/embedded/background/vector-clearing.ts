import { Slice } from "../../../scheduling/slice.ts";
import type { Tables } from "../tables/tables.ts";
import type { Forgetting } from "./retention.ts";

/** Vectors removed per step, and milliseconds per transaction; committing costs as much again. */
const atOnce = 32;
const clearTime = 2;

/** Removes vectors that no search needs: the former ones of libraries that changed over, and the new ones of those that did not. */
export class VectorClearing implements Forgetting {
  readonly #tables: Tables;
  #isPending = true;

  constructor(tables: Tables) {
    this.#tables = tables;
  }

  get pending(): boolean {
    return this.#isPending;
  }

  allDue(): void {
    this.#isPending = true;
  }

  work(): boolean {
    const { chunks, reembeddings } = this.#tables;
    const slice = new Slice(clearTime);
    do {
      const due = reembeddings.toClear();
      this.#isPending = due !== undefined;
      if (due === undefined) return false;
      const keys = chunks.keysAfter(due.library, due.after, atOnce);
      const vectors = chunks.inSpace(due.space + 1);
      for (const key of keys) vectors.remove(key);
      reembeddings.cleared(due.library, keys.length < atOnce ? null : (keys.at(-1) ?? null));
    } while (!slice.over);
    return true;
  }
}
