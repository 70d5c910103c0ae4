import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { VectorSearch } from "../../search-store.ts";
import { toErrorData } from "../threads/error-data.ts";
import type { ErrorData } from "../threads/thread-messages.ts";
import type { HoldMeter } from "../../../scheduling/hold-meter.ts";
import { Slice } from "../../../scheduling/slice.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import { ChunkPool } from "./chunk-pool.ts";
import { weightOf } from "./live-lag.ts";
import { LibraryLiveQueries } from "./library-live-queries.ts";
import { LiveWork, type Work } from "./live-work.ts";
import type {
  LiveAnswer,
  Changes,
  Find,
  FoundHits,
  FromMain,
  FromStore,
  OfLibrary,
  ToStore,
  Updates,
} from "./live-messages.ts";
import { capacityOf, LiveQueryState } from "./live-query-state.ts";
import { UpdateSender } from "./update-sender.ts";

/** Maximum total characters of the chunks of all live queries for a further one to start. */
const charactersOfAll = 4 * limits.answerCharacters;

interface StartingQuery {
  readonly libraryId: string;
  readonly search: VectorSearch;
}

export interface LiveEngineOptions {
  readonly toStore: (message: ToStore) => void;
  readonly toMain: (updates: Updates) => void;
  readonly holds: HoldMeter;
  /** Length of a turn; shorter in tests. */
  readonly newSlice?: () => Slice;
}

/**
 * The live queries in the live thread. Changes of a library arrive in commit order. They are processed in turns of some
 * milliseconds; waiting changes are merged, and each query is updated once with the net result.
 */
export class LiveEngine {
  readonly #toStore: (message: ToStore) => void;
  readonly #holds: HoldMeter;
  readonly #newSlice: () => Slice;
  readonly #pool = new ChunkPool();
  readonly #sender: UpdateSender;
  readonly #work: LiveWork;
  readonly #libraries = new Map<string, LibraryLiveQueries>();
  readonly #queries = new Map<number, LiveQueryState>();
  /** Queries that wait for their first result. */
  readonly #beginning = new Map<number, StartingQuery>();

  constructor({ toStore, toMain, holds, newSlice = () => new Slice() }: LiveEngineOptions) {
    this.#toStore = toStore;
    this.#holds = holds;
    this.#newSlice = newSlice;
    this.#sender = new UpdateSender(this.#pool, toMain);
    this.#work = new LiveWork((messages) => this.#begin(messages), holds);
  }

  fromMain(message: Exclude<FromMain, { type: "statistics" }>): void {
    switch (message.type) {
      case "watch": {
        const { id, libraryId, search } = message;
        this.#beginning.set(id, { libraryId, search });
        this.#toStore({ type: "find", id, libraryId, search, capacity: capacityOf(search), begins: true });
        return;
      }
      case "end": {
        const query = this.#queries.get(message.id);
        if (query !== undefined) this.#end(query);
        return;
      }
      case "updates-received":
        return this.#sender.updatesReceived();
    }
  }

  fromStore(message: FromStore): void {
    if (message.type === "refused") this.#refused(message.id, message.error);
    else this.#work.add(message);
  }

  /** One turn: sends updates, and processes messages for some milliseconds. Returns whether there is more to do. */
  turn(): boolean {
    const slice = this.#newSlice();
    this.#send(slice);
    if (this.#work.pending) this.#work.goOn(slice);
    return this.#work.pending || this.#sender.pending;
  }

  #send(slice: Slice): void {
    if (!this.#sender.pending) return;
    this.#holds.measure("tell", () => {
      for (const query of this.#sender.flush(slice)) this.#end(query);
    });
  }

  #begin(messages: OfLibrary[]): Work {
    const [first] = messages;
    if (first?.type === "changes") {
      const end = messages.findIndex(({ type }) => type !== "changes");
      const changes = messages.splice(0, end === -1 ? messages.length : end).filter((each) => each.type === "changes");
      return { kind: "change", steps: this.#change(first.libraryId, changes) };
    }
    messages.shift();
    if (first?.type === "found") return { kind: "find", steps: this.#found(first) };
    return {
      kind: "end",
      steps: this.#forget(first?.libraryId ?? "", first?.type === "lost" ? first.error : undefined),
    };
  }

  *#change(libraryId: string, changes: readonly Changes[]): Steps<void> {
    const library = this.#libraries.get(libraryId);
    if (library !== undefined) {
      yield* library.apply(changes, (query) => {
        if (query.short) this.#refill(library, query);
        else this.#sender.changed(query);
      });
    }
    this.#toStore({ type: "done", libraryId, weight: weightOf(changes.map(({ weight }) => weight)) });
  }

  #refill(library: LibraryLiveQueries, query: LiveQueryState): void {
    query.asking = true;
    query.clear();
    const { id, libraryId, search } = query;
    // A copy, as posting a view would send its whole buffer.
    const find: Find = {
      type: "find",
      id,
      libraryId,
      search: { ...search, vector: new Float32Array(library.vector(id)) },
      capacity: capacityOf(search),
      begins: false,
    };
    this.#toStore(find);
  }

  /** The answers reflect every change that arrived before them. */
  *#found({ seq, answers, chunks }: FoundHits): Steps<void> {
    const byKey = new Map(chunks.map((chunk) => [chunk.key, chunk]));
    for (const answer of answers) {
      yield;
      const begins = this.#beginning.get(answer.id);
      if (begins !== undefined) this.#start(answer, begins);
      const query = this.#queries.get(answer.id);
      if (query === undefined) continue;
      query.fill(answer, byKey, seq);
      if (begins === undefined) this.#sender.changed(query);
      else this.#sender.begin(query);
    }
  }

  #start({ id }: LiveAnswer, { libraryId, search }: StartingQuery): void {
    this.#beginning.delete(id);
    if (this.#pool.characters > charactersOfAll) {
      const message = `The live queries hold more than ${charactersOfAll} characters of hits, the maximum; retry later`;
      const error = toErrorData(new ArrwError("overloaded", message, { retryAfter: 30 }));
      this.#sender.refuse(id, libraryId, search.caller, error);
      return this.#toStore({ type: "end", libraryId });
    }
    const library = this.#libraries.get(libraryId) ?? new LibraryLiveQueries(search.vector.length, this.#pool);
    this.#libraries.set(libraryId, library);
    const query = new LiveQueryState({ id, libraryId, search, pool: this.#pool });
    library.add(query, search.vector);
    this.#queries.set(id, query);
  }

  #refused(id: number, error: ErrorData): void {
    const query = this.#queries.get(id);
    const beginning = this.#beginning.get(id);
    this.#beginning.delete(id);
    // A query that ended meanwhile gets no update.
    if (query !== undefined) this.#sender.refuse(id, query.libraryId, query.search.caller, error);
    else if (beginning !== undefined) this.#sender.refuse(id, beginning.libraryId, beginning.search.caller, error);
    if (query !== undefined) this.#end(query);
  }

  #end(query: LiveQueryState): void {
    const { libraryId } = query;
    this.#leave(query);
    const library = this.#libraries.get(libraryId);
    // Nothing more arrives for a library that is being removed.
    if (library?.has(query) !== true) return;
    library.remove(query.id);
    if (library.size === 0) this.#libraries.delete(libraryId);
    this.#toStore({ type: "end", libraryId });
  }

  /** Nothing more arrives for this library. */
  *#forget(libraryId: string, error: ErrorData | undefined): Steps<void> {
    const library = this.#libraries.get(libraryId);
    this.#libraries.delete(libraryId);
    for (const query of library?.queries() ?? []) {
      if (!this.#queries.has(query.id)) continue;
      if (error !== undefined) this.#sender.refuse(query.id, libraryId, query.search.caller, error);
      this.#leave(query);
      yield;
    }
  }

  #leave(query: LiveQueryState): void {
    this.#queries.delete(query.id);
    this.#sender.end(query);
    query.clear();
  }
}
