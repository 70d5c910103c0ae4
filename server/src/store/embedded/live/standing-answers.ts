import { paired } from "../../../paired.ts";
import { AnswerSize } from "../search/answer-size.ts";
import type { ChunkRow } from "../chunks-table.ts";
import { toErrorData } from "../error-data.ts";
import type { Ranking, Searcher, SearchTables } from "../search/searcher.ts";
import type { Answer, Find } from "./messages.ts";
import type { StandingFeed } from "./standing-feed.ts";

/** Answers the searches of the live thread, those of one library together. */
export class StandingAnswers {
  readonly #tables: SearchTables;
  readonly #searcher: Searcher;
  readonly #feed: StandingFeed;

  constructor(tables: SearchTables, searcher: Searcher, feed: StandingFeed) {
    this.#tables = tables;
    this.#searcher = searcher;
    this.#feed = feed;
  }

  answer(finds: readonly Find[]): void {
    for (const [libraryId, group] of Map.groupBy(finds, (find) => find.libraryId)) {
      for (const part of Map.groupBy(group, ({ begins }) => begins).values()) this.#answer(libraryId, part);
    }
  }

  #answer(libraryId: string, finds: readonly Find[]): void {
    const [first] = finds;
    if (first === undefined) return;
    try {
      const searches = finds.map(({ search, capacity }) => ({ ...search, k: capacity }));
      const { seq, answers } = first.begins
        ? this.#searcher.rank(libraryId, searches)
        : this.#searcher.rankExactly(libraryId, searches);
      const chunks = new Map<number, ChunkRow>();
      const found: Answer[] = [];
      for (const [find, ranking] of paired(finds, answers, "The search")) {
        found.push(this.#toAnswer(find, ranking, chunks));
      }
      this.#feed.send({ type: "found", libraryId, seq, answers: found, chunks: [...chunks.values()] });
      if (first.begins) this.#feed.begin(libraryId, found.length);
    } catch (error) {
      // One that is refused does not hinder the others.
      if (finds.length > 1) for (const find of finds) this.#answer(libraryId, [find]);
      else this.#feed.send({ type: "refused", id: first.id, error: toErrorData(error) });
    }
  }

  /** Names as many chunks as fit into one answer, and brings what they hold. */
  #toAnswer({ id, search, capacity }: Find, { chosen, exact }: Ranking, chunks: Map<number, ChunkRow>): Answer {
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
