import type { LibraryStatistics } from "@arrwdb/protocol/statistics";
import { paired } from "../../../paired.ts";
import type { Log, Outcome, SearchStatistics } from "../messages.ts";
import { toErrorData } from "../error-data.ts";
import type { Find } from "../live/messages.ts";
import { StandingAnswers } from "../live/standing-answers.ts";
import type { StandingFeed } from "../live/standing-feed.ts";
import { HoldMeter } from "../turns/hold-meter.ts";
import { Answers } from "./answers.ts";
import { IndexRegistry } from "./index-registry.ts";
import type { Committed, SearchThreadRequest, SearchThreadSettings } from "./messages.ts";
import { RecallSampler } from "./recall-sampler.ts";
import { SearchCounts } from "./search-statistics.ts";
import { type CommitSource, SearchView } from "./search-view.ts";
import { Searcher } from "./searcher.ts";
import { Snapshots } from "./snapshots.ts";
import { TextSearcher } from "./text-searcher.ts";

export type SearchAnswer = (request: SearchThreadRequest, outcome: Outcome<unknown>) => void;
type SearchRequest = Extract<SearchThreadRequest, { operation: "search" }>;

/** The indexes and what they answer, as the search thread runs them: everything here is synchronous. */
export class SearchEngine {
  readonly #view: SearchView;
  readonly #indexes: IndexRegistry;
  readonly #snapshots: Snapshots;
  readonly #counts = new SearchCounts();
  readonly #sampler: RecallSampler;
  readonly #answers: Answers;
  readonly #feed: StandingFeed;
  readonly #standingAnswers: StandingAnswers;
  readonly #holds = new HoldMeter();

  constructor(settings: SearchThreadSettings, feed: StandingFeed, commits: CommitSource, log: Log) {
    this.#view = new SearchView(settings.directory, commits, (committed) => this.#index(committed));
    this.#snapshots = new Snapshots(settings.directory);
    this.#indexes = new IndexRegistry(this.#view.chunks, this.#snapshots, settings.thresholds, log);
    const searcher = new Searcher(this.#view, this.#indexes);
    this.#sampler = new RecallSampler(searcher, this.#counts, (id) => this.#widen(id));
    this.#answers = new Answers({
      hits: this.#view.hits,
      searcher,
      texts: new TextSearcher(this.#view, searcher),
      counts: this.#counts,
      sampler: this.#sampler,
    });
    this.#feed = feed;
    this.#standingAnswers = new StandingAnswers(this.#view, searcher, feed);
    this.#indexes.recover(this.#view.libraries.all());
  }

  /** Makes what was committed findable, and tells standing searches of it. */
  apply(committed: Committed): void {
    this.#holds.measure("commit", () => this.#view.apply(committed));
  }

  /** Answers searches; those of one library together. */
  search(requests: readonly SearchRequest[], answer: SearchAnswer): void {
    if (requests.length === 0) return;
    const run = () => {
      for (const [libraryId, group] of Map.groupBy(requests, ({ take }) => take.libraryId)) {
        this.#searchTogether(libraryId, group, answer);
      }
    };
    this.#holds.measure("search", () => this.#view.read(run));
  }

  /** Answers searches of the live thread; it has been told of every change before. */
  find(finds: readonly Find[]): void {
    if (finds.length === 0) return;
    this.#holds.measure("live", () => this.#view.read(() => this.#standingAnswers.answer(finds)));
  }

  /** @throws ArrwError `library_not_found` */
  statistics(libraryId: string): LibraryStatistics {
    return this.#view.read(() => {
      const row = this.#view.libraries.find(libraryId);
      const { id, seq, num_documents, num_chunks } = row.library;
      return {
        library_id: id,
        seq,
        num_documents,
        num_chunks,
        index: this.#indexes.statistics(row),
        searches: this.#counts.searches(id),
        recall: this.#counts.recall(id),
      };
    });
  }

  /** All libraries together. */
  totals(): SearchStatistics {
    return { ...this.#counts.totals(), ...this.#indexes.totals(), holds: this.#holds.read() };
  }

  /** Whether what was saved before the start has been looked at. */
  get recovered(): boolean {
    return this.#indexes.recovered;
  }

  /** Libraries whose writers should wait. */
  held(): readonly string[] {
    return [...this.#indexes.congested(), ...this.#feed.held()];
  }

  /** Does one slice of what can wait; tells whether there is more. */
  work(): boolean {
    if (this.#indexes.wanting) {
      const open = () => this.#indexes.open((id) => this.#view.libraries.peek(id));
      this.#holds.measure("open", () => this.#view.read(open));
      return true;
    }
    if (this.#holds.measure("index", () => this.#indexes.work())) return true;
    if (!this.#sampler.pending) return false;
    this.#holds.measure("sample", () => this.#view.read(() => this.#sampler.work()));
    return true;
  }

  /** Does work that takes long, for times without requests; tells whether there was some. */
  rest(): boolean {
    return this.#holds.measure("save", () => this.#indexes.saveOne());
  }

  close(): void {
    this.#indexes.close();
    this.#snapshots.close();
    this.#view.close();
  }

  #widen(libraryId: string): void {
    if (this.#indexes.widen(this.#view.libraries.find(libraryId))) this.#counts.forgetRecall(libraryId);
  }

  #index({ changes, events }: Committed): void {
    for (const change of changes) {
      this.#indexes.apply(change);
      if (change.dropped) this.#counts.forget(change.row.library.id);
    }
    this.#feed.publish(changes, events, this.#view.chunks);
  }

  #searchTogether(libraryId: string, group: readonly SearchRequest[], answer: SearchAnswer): void {
    try {
      const found = this.#answers.search(
        libraryId,
        group.map(({ take, since }) => ({ search: take.search, since: since ?? performance.now() })),
      );
      for (const [request, value] of paired(group, found, "The search")) answer(request, { value });
    } catch (error) {
      if (group.length === 1 && group[0] !== undefined) answer(group[0], { error: toErrorData(error) });
      else for (const request of group) this.#searchTogether(libraryId, [request], answer);
    }
  }
}
