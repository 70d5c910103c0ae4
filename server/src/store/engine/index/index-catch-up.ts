import type { Steps } from "../../../scheduling/steps.ts";
import type { ReadKeys } from "../metadata-index/metadata-opening.ts";
import { addVectors, keysAtOnce, visitKeys } from "./chunk-vectors.ts";
import type { VectorIndex, VectorSource } from "./vector-index.ts";

/** Vectors added or removed per step. */
const changedAtOnce = 256;

export interface CatchUpOptions {
  /** A loaded index, not searched yet. */
  readonly index: VectorIndex;
  /** Keys of the library's chunks. */
  readonly keysAfter: ReadKeys;
  readonly source: VectorSource;
  /** Maximum number of vectors added here; more are left to the caller. */
  readonly limit: number;
}

/** Brings a loaded index up to date with the chunks of its library, in steps, while chunks are added and removed. */
export class IndexCatchUp {
  readonly index: VectorIndex;
  readonly #keysAfter: ReadKeys;
  readonly #source: VectorSource;
  readonly #limit: number;
  /** Chunks removed since the last step. */
  readonly #removed: number[] = [];

  constructor({ index, keysAfter, source, limit }: CatchUpOptions) {
    this.index = index;
    this.#keysAfter = keysAfter;
    this.#source = source;
    this.#limit = limit;
  }

  /** Called when chunks were removed from the library. */
  remove(keys: readonly number[]): void {
    for (const key of keys) this.#removed.push(key);
  }

  /** Returns the chunks still missing: none, or more than the limit. Otherwise the index then matches the library. */
  *run(): Steps<readonly number[]> {
    const gone = new Set<number>();
    for (const key of this.index.keys()) if (gone.add(key).size % keysAtOnce === 0) yield;
    const missing: number[] = [];
    let last = yield* visitKeys(this.#keysAfter, 0, (key) => gone.delete(key) || missing.push(key));
    yield* this.#removeGone(gone);
    // Chunks added meanwhile are read too, until so few are left that they can be read in one step.
    let read = 0;
    for (let isAll = false; !isAll && missing.length <= this.#limit;) {
      if (missing.length - read >= changedAtOnce) {
        addVectors(this.index, missing.slice(read, read + changedAtOnce), this.#source);
        read += changedAtOnce;
        this.#removeChanged();
        yield;
      } else {
        const more = this.#keysAfter(last, changedAtOnce);
        for (const key of more) missing.push(key);
        last = more.at(-1) ?? last;
        isAll = more.length < changedAtOnce;
      }
    }
    const isNear = missing.length <= this.#limit;
    if (!isNear) yield* visitKeys(this.#keysAfter, last, (key) => missing.push(key));
    // This is the last step, so nothing is added or removed from here on.
    this.#removeChanged();
    const unread = missing.slice(read);
    if (!isNear) return unread;
    addVectors(this.index, unread, this.#source);
    return [];
  }

  *#removeGone(gone: Iterable<number>): Steps<void> {
    let removed: number[] = [];
    for (const key of gone) {
      if (removed.push(key) < changedAtOnce) continue;
      this.index.remove(removed);
      removed = [];
      yield;
    }
    this.index.remove(removed);
  }

  #removeChanged(): void {
    this.index.remove(this.#removed.splice(0));
  }
}
