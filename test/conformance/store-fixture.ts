import type { ErrorCode } from "@arrwdb/protocol/errors/error-table";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { IndexSettings } from "@arrwdb/protocol/documents/index-settings";
import { defaultEventSettings, type Library } from "@arrwdb/protocol/documents/model";
import type { SearchHit } from "@arrwdb/protocol/search/search";
import { expect } from "vitest";
import type { CommitListener } from "../../server/src/store/event-store.ts";
import type { NewChunk, NewDocument, WrittenDocument } from "../../server/src/store/document-store.ts";
import type { Settled } from "../../server/src/store/settled-outcome.ts";
import type { NewLibrary } from "../../server/src/store/library-store.ts";
import type { Store } from "../../server/src/store/store.ts";
import type { StoredReceipt } from "../../server/src/store/upload-store.ts";
import type { StoreHits, VectorSearch } from "../../server/src/store/search-store.ts";
import { randomUnitVector, seededRandom } from "../support/data/vectors.ts";

export interface StoreHarness {
  readonly store: Store;
  /** The index of the libraries to test with, other than `auto`. */
  readonly index?: IndexSettings | undefined;
  /**
   * Closes the store and opens it again on the same data.
   *
   * @param uploadLifetime milliseconds without use after which uploads are forgotten, other than a day
   */
  readonly reopen: (uploadLifetime?: number) => Promise<Store>;
  readonly destroy: () => Promise<void>;
}

export const dimension = 8;
const random = seededRandom(7);
export const randomVector = (): Float32Array<ArrayBuffer> => randomUnitVector(dimension, random);

export function newChunk(changes: Partial<NewChunk> = {}): NewChunk {
  return { text: "some text", pageNumber: null, metadata: {}, vector: randomVector(), ...changes };
}

export function newDocument(changes: Partial<NewDocument> = {}): NewDocument {
  return {
    id: undefined,
    title: "A title",
    titleGenerated: false,
    author: null,
    documentType: null,
    sourceUrl: null,
    tags: [],
    metadata: {},
    chunks: [newChunk()],
    ...changes,
  };
}

/** As many documents, each with an id of its number and a random vector. */
export const newDocuments = (count: number): NewDocument[] =>
  Array.from({ length: count }, (_each, index) => newDocument({ id: uuidOf(index) }));

export const uuidOf = (number: number): string => `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;

/** `from`, `from + 1`, ..., `to` */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from + 1 }, (_each, index) => from + index);

/**
 * Expects the first k of these, by their chunks; of an answer that is not exact, as many of them, nearest first.
 *
 * @param passing all hits that are right, nearest first
 */
export function expectFirst({ hits, exact }: StoreHits, k: number, passing: readonly SearchHit[]): void {
  const right = passing.map(({ chunk_id }) => chunk_id);
  const places = hits.map(({ chunk_id }) => right.indexOf(chunk_id));
  const count = Math.min(k, passing.length);
  expect(places).toEqual(exact ? range(0, count - 1) : places.toSorted((a, b) => a - b));
  expect([places.length, new Set(places).size, places.includes(-1)]).toEqual([count, count, false]);
}

export const idsOf = ({ hits }: StoreHits): string[] => hits.map(({ document_id }) => document_id);

export function valueOf<Value>(settled: Settled<Value> | { readonly replayed: StoredReceipt } | undefined): Value {
  if (settled === undefined) throw new Error("There is no such outcome");
  if ("error" in settled) throw settled.error;
  if ("replayed" in settled) throw new Error(`Line ${settled.replayed.line} was committed before`);
  return settled.value;
}

export async function codeOf(promise: Promise<unknown>): Promise<ErrorCode | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof ArrwError) return error.code;
    throw error;
  }
}

/** One store for all tests, as opening takes longer than most of them, with one empty library for each. */
export class StoreFixture {
  readonly #open: () => Promise<StoreHarness>;
  readonly #listening: (() => void)[] = [];
  #harness: StoreHarness | undefined;
  #current: { readonly store: Store; readonly library: Library } | undefined;

  constructor(open: () => Promise<StoreHarness>) {
    this.#open = open;
  }

  async begin(): Promise<void> {
    this.#harness ??= await this.#open();
    const store = this.#current?.store ?? this.#harness.store;
    this.#current = { store, library: await createLibrary(store, this.#harness.index) };
  }

  async end(): Promise<void> {
    for (const stop of this.#listening.splice(0)) stop();
    const { items } = await this.store.libraries.list({ limit: 1000 });
    await Promise.all(items.map(({ id }) => this.store.libraries.delete(id)));
  }

  async destroy(): Promise<void> {
    await this.#harness?.destroy();
  }

  get #now() {
    if (this.#current === undefined) throw new Error("The test has not begun");
    return this.#current;
  }

  get store(): Store {
    return this.#now.store;
  }

  get library(): Library {
    return this.#now.library;
  }

  createLibrary(settings: Partial<NewLibrary> = {}): Promise<Library> {
    return createLibrary(this.store, this.#harness?.index, settings);
  }

  async reopen(uploadLifetime?: number): Promise<void> {
    if (this.#harness === undefined) throw new Error("The test has not begun");
    this.#current = { ...this.#now, store: await this.#harness.reopen(uploadLifetime) };
  }

  /** Listens until the test ends, or until the returned function is called. */
  onCommit(listener: CommitListener): () => void {
    const stop = this.store.events.onCommit(listener);
    this.#listening.push(stop);
    return stop;
  }

  /** Writes documents, each of which has to succeed. */
  async write(...documents: readonly NewDocument[]): Promise<readonly WrittenDocument[]> {
    return (await this.store.documents.write(this.library.id, documents)).map(valueOf);
  }

  search(vector: Float32Array<ArrayBuffer>, k: number, filter?: Filter, maxDistance?: number): Promise<StoreHits> {
    return this.answer({ vector, k, filter, maxDistance });
  }

  /** What a search finds, without how its answer is written. */
  async answer(search: VectorSearch): Promise<StoreHits> {
    const { hits, exact, seq } = await this.store.searches.search(this.library.id, search);
    return { hits, exact, seq };
  }

  /** Every page of a list; `between` is called after each. */
  async pages<Item>(
    read: (cursor: string | undefined) => Promise<{ items: readonly Item[]; nextCursor: string | null }>,
    between: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<Item[]> {
    const items: Item[] = [];
    let cursor: string | undefined;
    do {
      const page = await read(cursor);
      items.push(...page.items);
      cursor = page.nextCursor ?? undefined;
      await between();
    } while (cursor !== undefined);
    return items;
  }
}

function createLibrary(
  store: Store,
  index: IndexSettings | undefined,
  settings: Partial<NewLibrary> = {},
): Promise<Library> {
  return store.libraries.create({
    name: "Library",
    description: null,
    embeddingModel: "none",
    dimension,
    index,
    events: defaultEventSettings,
    ...settings,
  });
}
