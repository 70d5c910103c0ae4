import { paired } from "../../../../util/pair-lists.ts";
import type { VectorSearch } from "../../../search-store.ts";
import { AnswerSize } from "../../rows/answer-size.ts";
import type { ChunkRow, ChunksTable } from "../../rows/chunks-table.ts";
import type { Outcome } from "../../threads/thread-messages.ts";
import { toErrorData } from "../../threads/error-data.ts";
import type { Ranking, Rankings } from "../ranking/rankings.ts";
import type { Searcher, SearchTables } from "../ranking/searcher.ts";
import type { Steps } from "../../../../scheduling/steps.ts";
import type { LiveAnswer, Find } from "../../live/live-messages.ts";
import type { LiveFeed } from "./live-feed.ts";

/** Answers the searches of the live thread, batched by library. */
export class LiveAnswers {
  readonly #tables: SearchTables;
  readonly #searcher: Searcher;
  readonly #feed: LiveFeed;

  constructor(tables: SearchTables, searcher: Searcher, feed: LiveFeed) {
    this.#tables = tables;
    this.#searcher = searcher;
    this.#feed = feed;
  }

  /** @param later is offered a search with the error that prevented it; returns whether it will be answered later */
  answer(finds: readonly Find[], later: (error: unknown, find: Find) => boolean): void {
    for (const [libraryId, group] of Map.groupBy(finds, (find) => find.libraryId)) {
      for (const part of Map.groupBy(group, ({ begins }) => begins).values()) this.#answer(libraryId, part, later);
    }
  }

  /**
   * Answers searches of one library in steps; either all of them begin a live query, or none. Commits in the meantime are
   * sent to the live thread after the answers.
   *
   * @param chunks a snapshot of the table
   */
  *answerInSteps(finds: readonly Find[], chunks: ChunksTable): Steps<readonly Outcome<unknown>[]> {
    const [first] = finds;
    if (first === undefined) return [];
    const { libraryId, begins } = first;
    this.#feed.pause(libraryId);
    try {
      const rankings = yield* this.#searcher.rankInSteps(libraryId, toSearches(finds));
      const refusal = this.#feed.refusal(libraryId);
      if (refusal !== undefined) throw refusal;
      this.#reply(libraryId, begins, finds, rankings);
    } finally {
      this.#feed.resume(libraryId, chunks);
    }
    return finds.map(() => ({ value: undefined }));
  }

  #answer(libraryId: string, finds: readonly Find[], later: (error: unknown, find: Find) => boolean): void {
    const [first] = finds;
    if (first === undefined) return;
    try {
      this.#reply(libraryId, first.begins, finds, this.#searcher.rankSoon(libraryId, toSearches(finds)));
    } catch (error) {
      // Searches fail independently.
      if (finds.length > 1) for (const find of finds) this.#answer(libraryId, [find], later);
      else if (!later(error, first)) this.#feed.send({ type: "refused", id: first.id, error: toErrorData(error) });
    }
  }

  #reply(libraryId: string, begins: boolean, finds: readonly Find[], { seq, answers }: Rankings): void {
    const chunks = new Map<number, ChunkRow>();
    const found: LiveAnswer[] = [];
    for (const [find, ranking] of paired(finds, answers, "The search")) {
      found.push(this.#toAnswer(find, ranking, chunks));
    }
    this.#feed.send({ type: "found", libraryId, seq, answers: found, chunks: [...chunks.values()] });
    if (begins) this.#feed.begin(libraryId, found.length);
  }

  /** Lists as many chunks as fit into one answer, and loads their contents. */
  #toAnswer({ id, search, capacity }: Find, { chosen, exact }: Ranking, chunks: Map<number, ChunkRow>): LiveAnswer {
    const size = new AnswerSize();
    let count = 0;
    for (const { key } of chosen) {
      const chunk = chunks.get(key) ?? this.#tables.chunks.find(key);
      if (chunk === undefined) throw new Error(`Chunk ${key} is in the index but not in the tables`);
      if (!size.add(chunk)) break;
      chunks.set(key, chunk);
      count++;
    }
    if (count < Math.min(search.k, chosen.length)) throw size.refusal();
    const named = chosen.slice(0, count);
    return {
      id,
      exact,
      keys: named.map(({ key }) => key),
      distances: named.map(({ distance }) => distance),
      complete: chosen.length < capacity && count === chosen.length,
    };
  }
}

/** Refills are always exact. */
const toSearches = (finds: readonly Find[]): readonly VectorSearch[] =>
  finds.map(({ search, capacity, begins }) => ({ ...search, k: capacity, ...(begins ? {} : { exact: true }) }));
