import { Slice } from "../../../scheduling/slice.ts";
import { goOn, type Steps } from "../../../scheduling/steps.ts";
import type { ReadKeys } from "../metadata-index/metadata-opening.ts";
import { addVectors, visitKeys } from "./chunk-vectors.ts";
import type { PlannedIndex } from "./index-definition.ts";
import type { VectorIndex, VectorSource } from "./vector-index.ts";

/** Vectors read from disk at a time. */
const readSlice = 256;

export interface NextIndexOptions {
  /** The index for this number of vectors. */
  readonly plan: (size: number) => PlannedIndex;
  /** Keys of the chunks that have a vector in the next space. */
  readonly keysAfter: ReadKeys;
  /** Vectors of the next space. */
  readonly source: VectorSource;
}

/**
 * The index of the vectors that a library is being re-embedded to. It is built beside the one that answers, and follows the
 * changes, so that searches are as fast as before once the library changes over.
 */
export class NextIndex {
  readonly #options: NextIndexOptions;
  #listing: Steps<void> | undefined;
  #index: VectorIndex | undefined;
  #keys: readonly number[] = [];
  #read = 0;
  #isSettled = false;

  constructor(options: NextIndexOptions) {
    this.#options = options;
    this.#listing = this.#list();
  }

  get index(): VectorIndex | undefined {
    return this.#index;
  }

  /** Number of vectors that are not read yet. */
  get unread(): number {
    return this.#keys.length - this.#read;
  }

  /** Whether `prepare` has to run, in a snapshot of the tables with exactly the changes applied here. */
  get preparing(): boolean {
    return this.#listing !== undefined;
  }

  prepare(milliseconds?: number): void {
    if (this.#listing !== undefined && goOn(this.#listing, new Slice(milliseconds))) this.#listing = undefined;
  }

  /** Whether it has all vectors, and once had nothing more to do. */
  get isReady(): boolean {
    return this.#isSettled;
  }

  /** The chunk has a vector now. One that is listed later is read then. */
  add(key: number): void {
    if (this.#index !== undefined) addVectors(this.#index, [key], this.#options.source);
  }

  remove(keys: readonly number[]): void {
    this.#index?.remove(keys);
  }

  /** Runs one slice of work; returns whether there is more. */
  work(): boolean {
    const index = this.#index;
    if (index === undefined) return false;
    if (index.saturated) return index.work();
    if (this.unread > 0) {
      const next = this.#keys.slice(this.#read, this.#read + readSlice);
      this.#read += next.length;
      addVectors(index, next, this.#options.source);
      return true;
    }
    if (index.work()) return true;
    this.#isSettled = true;
    return false;
  }

  /** The index, which its caller closes; undefined if it has not all vectors yet. */
  take(): VectorIndex | undefined {
    if (this.#index !== undefined && this.unread === 0) return this.#index;
    this.close();
    return undefined;
  }

  close(): void {
    this.#listing?.return();
    this.#index?.close();
  }

  *#list(): Steps<void> {
    const keys: number[] = [];
    yield* visitKeys(this.#options.keysAfter, 0, (key) => keys.push(key));
    this.#keys = keys;
    this.#index = this.#options.plan(keys.length).create(keys);
  }
}
