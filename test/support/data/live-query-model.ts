import { expect } from "vitest";
import type { ChunkRow } from "../../../server/src/store/engine/rows/chunks-table.ts";
import { chunkRowAt } from "./chunk-row.ts";
import { cosineDistance } from "../../../server/src/store/engine/vectors/cosine-distance.ts";
import { HoldMeter } from "../../../server/src/scheduling/hold-meter.ts";
import { Slice } from "../../../server/src/scheduling/slice.ts";
import type { Find, FromStore, ToStore, Updates } from "../../../server/src/store/engine/live/live-messages.ts";
import { LiveEngine } from "../../../server/src/store/engine/live/live-engine.ts";

/** Many chunks lie in the same few directions, so that the order of those that are equally far matters. */
export const directions = 40;
const vectorOf = (direction: number) => {
  const angle = (direction * Math.PI) / directions;
  return Float32Array.of(Math.cos(angle), Math.sin(angle));
};

interface Chunk {
  readonly vector: Float32Array;
  /** The position at which it was last written, and what filters test. */
  readonly seq: number;
  readonly kind: number;
}

type Chunks = ReadonlyMap<number, Chunk>;

interface Library {
  seq: number;
  chunks: Chunks;
  /** What it was at each position. */
  readonly history: Map<number, Chunks>;
  /** Live queries that the store tells of changes. */
  standing: number;
}

interface Query {
  readonly libraryId: string;
  readonly vector: Float32Array<ArrayBuffer>;
  readonly k: number;
  readonly maxDistance: number | undefined;
  /** Only chunks of this kind pass, if there is one. */
  readonly kind: number | undefined;
  shown: readonly number[] | undefined;
  seq: number;
}

const nearest = (
  chunks: Chunks,
  { vector, k, maxDistance = 3, kind }: Pick<Query, "vector" | "k" | "maxDistance" | "kind">,
) =>
  [...chunks]
    .filter(([, chunk]) => kind === undefined || chunk.kind === kind)
    .map(([key, chunk]) => ({ key, seq: chunk.seq, distance: cosineDistance(vector, chunk.vector) }))
    .filter(({ distance }) => distance <= maxDistance + 2 ** -21)
    .toSorted((a, b) => a.distance - b.distance || a.key - b.key)
    .slice(0, k);

function given(chunks: Chunks, key: number): Chunk {
  const chunk = chunks.get(key);
  if (chunk === undefined) throw new Error(`There is no chunk ${key}`);
  return chunk;
}

function rowOf(chunks: Chunks, key: number): ChunkRow {
  const { seq, kind } = given(chunks, key);
  return chunkRowAt(key, seq, kind);
}

function agree(one: unknown, other: unknown): void {
  expect(one).toEqual(other);
}

/** A store and a main thread as plain as can be, with the live queries between them. */
export class LiveQueriesModel {
  readonly libraries = new Map<string, Library>();
  readonly queries = new Map<number, Query>();
  readonly #finds: Find[] = [];
  readonly #held = new Map<number, ChunkRow>();
  readonly #live = new LiveEngine({
    toStore: (message) => this.#fromLive(message),
    toMain: (updates) => this.#receive(updates),
    holds: new HoldMeter(),
    newSlice: () => new Slice(0),
  });
  #nextKey = 1;
  #nextId = 1;
  #untold = 0;
  compared = 0;
  refilled = 0;

  constructor() {
    for (const id of ["one", "other"]) {
      this.libraries.set(id, { seq: 1, chunks: new Map(), history: new Map([[1, new Map()]]), standing: 0 });
    }
  }

  watch(libraryId: string, direction: number, wish: Pick<Query, "k" | "maxDistance" | "kind">): void {
    const query = { libraryId, vector: vectorOf(direction), ...wish, shown: undefined, seq: 0 };
    const id = this.#nextId++;
    this.queries.set(id, query);
    const { k, maxDistance, kind } = wish;
    const filter = kind === undefined ? undefined : { kind };
    const search = { vector: query.vector, k, maxDistance, filter, caller: `caller ${id % 3}` };
    this.#live.fromMain({ type: "watch", id, libraryId, search });
  }

  /** Ends one that has been told something. */
  end(number: number): void {
    const begun = [...this.queries].filter(([, { shown }]) => shown !== undefined);
    const [id] = begun[number % Math.max(1, begun.length)] ?? [];
    if (id === undefined) return;
    this.queries.delete(id);
    this.#live.fromMain({ type: "end", id });
  }

  /** @param patches of chunks, by their places; they may be among those removed */
  commit(libraryId: string, added: readonly number[], removals: readonly number[], patches: readonly number[]): void {
    const library = this.libraries.get(libraryId);
    if (library === undefined) return;
    const chunks = new Map(library.chunks);
    const keys = [...chunks.keys()];
    const removed = [...new Set(removals.flatMap((number) => keys[number % Math.max(1, keys.length)] ?? []))];
    for (const key of removed) chunks.delete(key);
    library.seq++;
    const { seq } = library;
    const kindOf = (number: number) => (number + seq) % 2;
    const fresh = added.map((direction) => ({
      key: this.#nextKey++,
      vector: vectorOf(direction),
      kind: kindOf(direction),
    }));
    for (const { key, vector, kind } of fresh) chunks.set(key, { vector, kind, seq });
    const patched = new Set(patches.flatMap((number) => keys[number % Math.max(1, keys.length)] ?? []));
    for (const key of removed) patched.delete(key);
    for (const key of patched) chunks.set(key, { ...given(chunks, key), kind: kindOf(key), seq });
    const changed = [...fresh.map(({ key }) => key), ...patched];
    library.chunks = chunks;
    library.history.set(library.seq, chunks);
    if (library.standing === 0) return;
    this.#tellLive({
      type: "changes",
      libraryId,
      seq: library.seq,
      added: changed.map((key) => rowOf(chunks, key)),
      vectors: Float32Array.from(changed.flatMap((key) => [...given(chunks, key).vector])),
      removed: [...removed, ...patched],
      weight: { comparisons: changed.length, bytes: changed.length },
    });
  }

  /** Removes the chunks that are nearest to a direction, as many as a list holds, and more. */
  clear(libraryId: string, direction: number, count: number): void {
    const chunks = this.libraries.get(libraryId)?.chunks ?? new Map();
    const near = nearest(chunks, { vector: vectorOf(direction), k: count, maxDistance: undefined, kind: undefined });
    const places = new Map([...chunks.keys()].map((key, place) => [key, place]));
    this.commit(
      libraryId,
      [],
      near.map(({ key }) => places.get(key) ?? 0),
      [],
    );
  }

  drop(libraryId: string): void {
    const library = this.libraries.get(libraryId);
    if (library === undefined) return;
    this.libraries.delete(libraryId);
    if (library.standing > 0) this.#tellLive({ type: "dropped", libraryId });
    for (const [id, query] of this.queries) if (query.libraryId === libraryId) this.queries.delete(id);
  }

  /** The store answers so many searches of one library. */
  answer(count: number): boolean {
    const libraryId = this.#finds[0]?.libraryId;
    const finds = this.#finds.filter((find) => find.libraryId === libraryId).slice(0, count);
    for (const find of finds) this.#finds.splice(this.#finds.indexOf(find), 1);
    if (libraryId === undefined) return false;
    const library = this.libraries.get(libraryId);
    if (library === undefined) {
      const error = { code: "library_not_found", message: "It is gone" } as const;
      for (const { id } of finds) this.#tellLive({ type: "refused", id, error });
      return true;
    }
    const answers = finds.map(({ id, search, capacity }) => {
      const kind = this.queries.get(id)?.kind;
      const found = nearest(library.chunks, { ...search, k: capacity, maxDistance: search.maxDistance, kind });
      const keys = found.map(({ key }) => key);
      const distances = found.map(({ distance }) => distance);
      return { id, exact: true, keys, distances, complete: found.length < capacity };
    });
    const chunks = [...new Set(answers.flatMap(({ keys }) => keys))].map((key) => rowOf(library.chunks, key));
    this.#tellLive({ type: "found", libraryId, seq: library.seq, answers, chunks });
    library.standing += finds.filter(({ begins }) => begins).length;
    return true;
  }

  turn(): boolean {
    return this.#live.turn();
  }

  /** The main thread has taken what was on its way. */
  updatesReceived(): void {
    if (this.#untold === 0) return;
    this.#untold--;
    this.#live.fromMain({ type: "updates-received" });
  }

  /** Until nobody has anything to do. */
  rest(): void {
    do {
      this.updatesReceived();
      while (this.turn());
    } while (this.answer(Infinity) || this.#untold > 0);
  }

  /** At rest, each search shows what a new one would find; what nobody shows is not held. */
  check(): void {
    for (const { libraryId, shown, ...search } of this.queries.values()) {
      const found = nearest(this.libraries.get(libraryId)?.chunks ?? new Map(), search);
      agree(
        shown,
        found.map(({ key }) => key),
      );
      agree(
        shown?.map((key) => this.#held.get(key)?.seq),
        found.map(({ seq }) => seq),
      );
    }
    const shown = new Set([...this.queries.values()].flatMap((query) => query.shown ?? []));
    agree(new Set(this.#held.keys()), shown);
  }

  #tellLive(message: FromStore): void {
    this.#live.fromStore(message);
  }

  #fromLive(message: ToStore): void {
    if (message.type === "find") this.#finds.push(message);
    if (message.type === "find" && !message.begins) this.refilled++;
    const library = message.type === "end" ? this.libraries.get(message.libraryId) : undefined;
    if (library !== undefined) library.standing--;
  }

  #receive({ fresh, updates, forgotten }: Updates): void {
    agree(this.#untold, 0);
    this.#untold++;
    for (const chunk of fresh) this.#held.set(chunk.key, chunk);
    for (const { id, outcome } of updates) {
      const query = this.queries.get(id);
      if ("error" in outcome) this.queries.delete(id);
      if (query === undefined || "error" in outcome) continue;
      const { seq, keys } = outcome.value;
      // Each state is that of a position, and positions go on.
      agree(seq > query.seq, true);
      query.seq = seq;
      query.shown = keys;
      const chunks = this.libraries.get(query.libraryId)?.history.get(seq) ?? new Map();
      const right = nearest(chunks, query);
      agree(
        keys,
        right.map(({ key }) => key),
      );
      // What is held of each is as of the same position.
      agree(
        keys.map((key) => this.#held.get(key)?.seq),
        right.map((hit) => hit.seq),
      );
      this.compared++;
    }
    for (const key of forgotten) this.#held.delete(key);
  }
}
