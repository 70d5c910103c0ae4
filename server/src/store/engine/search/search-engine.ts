import type { LibraryStatistics } from "@arrwdb/protocol/statistics";
import { AwaitsDocuments } from "../documents/awaits-documents.ts";
import { DocumentIndexes } from "../documents/document-indexes.ts";
import { DocumentQueries } from "../documents/document-queries.ts";
import { paired } from "../../../util/pair-lists.ts";
import type { Log, Outcome } from "../threads/thread-messages.ts";
import type { SearchStatistics } from "./statistics/search-totals.ts";
import { toErrorData } from "../threads/error-data.ts";
import type { Find } from "../live/live-messages.ts";
import { LiveAnswers } from "./live/live-answers.ts";
import type { LiveFeed } from "./live/live-feed.ts";
import { HoldMeter } from "../../../scheduling/hold-meter.ts";
import { Slice } from "../../../scheduling/slice.ts";
import type { Steps } from "../../../scheduling/steps.ts";
import { Answers, type WaitingSearch } from "./answers/search-answers.ts";
import { graphThreads } from "../index/hnsw/graph.ts";
import { FacetCounter } from "./facets/facet-counter.ts";
import { GroupRanker } from "./groups/group-ranker.ts";
import { IndexRegistry } from "../index/index-registry.ts";
import type { Committed, SearchThreadRequest, SearchThreadSettings } from "./search-messages.ts";
import { LikeSearcher } from "./ranking/like-searcher.ts";
import { LongSearches } from "./long/long-searches.ts";
import {
  clientRequest,
  type DocumentRequest,
  isPlain,
  type LongRequest,
  type SearchPageRequest,
  ParkedSearches,
  toLong,
  toLongFind,
  toLongPage,
  toLongQuery,
  toLongSample,
} from "./long/parked-searches.ts";
import { settled } from "./long/settled.ts";
import { Abandoned, AwaitsIndex, TakesLong } from "./long/takes-long.ts";
import { FirstPages } from "./pages/first-pages.ts";
import { KeptRankings } from "./pages/kept-rankings.ts";
import { PageReader } from "./pages/page-reader.ts";
import { RecallSampler } from "./statistics/recall-sampler.ts";
import type { SearchReader } from "./search-reader.ts";
import { SearchCounts } from "./statistics/search-statistics.ts";
import { type CommitSource, SearchView } from "./search-view.ts";
import { Searcher } from "./ranking/searcher.ts";
import { Snapshots } from "../index/snapshots.ts";
import { TextSearcher } from "./ranking/text-searcher.ts";

export type AnswerSearch = (request: SearchThreadRequest, outcome: Outcome<unknown>) => void;
type PendingSearch = Extract<SearchThreadRequest, { operation: "search" }>;

/** Number of hits above which an answer is serialized in steps. */
const mostHits = 100;
/** Maximum batch of searches of one library: as many as a graph search runs concurrently. */
const mostTogether = Math.max(2, graphThreads);
/** Maximum batch of searches of live queries, and the same while clients wait for theirs. */
const findsTogether = 8;
const findsBeside = 2;

export interface SearchEngineOptions {
  readonly commits: CommitSource;
  readonly log: Log;
  readonly answer: AnswerSearch;
  /** Whether the answer is still wanted. */
  readonly isWanted: (request: SearchThreadRequest) => boolean;
}

interface SearchEngineParts {
  readonly searcher: Searcher;
  readonly answers: Answers;
  readonly live: LiveAnswers;
}

/** The indexes and the searches on them. Runs in the search thread; everything here is synchronous. */
export class SearchEngine {
  readonly #view: SearchView;
  readonly #indexes: IndexRegistry;
  readonly #documents: DocumentIndexes;
  readonly #queries: DocumentQueries;
  readonly #snapshots: Snapshots;
  readonly #counts = new SearchCounts();
  readonly #sampler: RecallSampler;
  readonly #feed: LiveFeed;
  readonly #answer: AnswerSearch;
  readonly #isWanted: (request: SearchThreadRequest) => boolean;
  readonly #holds = new HoldMeter();
  /** Searching with one reader. */
  readonly #parts = new WeakMap<SearchReader, SearchEngineParts>();
  readonly #long: LongSearches<LongRequest>;
  readonly #parked: ParkedSearches;
  readonly #rankings: KeptRankings;
  readonly #pages: PageReader;
  readonly #rankedHits: number;
  #savesNext = false;

  constructor(settings: SearchThreadSettings, feed: LiveFeed, { commits, log, answer, isWanted }: SearchEngineOptions) {
    this.#answer = answer;
    this.#view = new SearchView(settings.directory, commits, (committed) => this.#index(committed));
    const { reader } = this.#view;
    this.#snapshots = new Snapshots(settings.directory);
    this.#indexes = new IndexRegistry({
      chunks: reader.chunks,
      snapshots: this.#snapshots,
      thresholds: settings.thresholds,
      log,
    });
    this.#documents = new DocumentIndexes(reader.documents, log);
    this.#queries = new DocumentQueries(this.#documents);
    this.#sampler = new RecallSampler(this.#counts, (id) => this.#increaseEffort(id));
    this.#feed = feed;
    this.#isWanted = isWanted;
    const isTaskWanted = (request: LongRequest) => {
      const asked = clientRequest(request);
      return asked === undefined || isWanted(asked);
    };
    this.#parked = new ParkedSearches(isTaskWanted);
    const work = {
      isWanted: isTaskWanted,
      begin: (beside: SearchReader, requests: readonly LongRequest[]) => this.#begin(beside, requests),
      end: (request: LongRequest, outcome: Outcome<unknown>) => {
        const asked = clientRequest(request);
        if (asked !== undefined) answer(asked, outcome);
      },
      fail: (requests: readonly LongRequest[], error: unknown) => this.#fail(requests, error),
      keeps: (kept: SearchReader) => this.#rankings.holds(kept),
      isHolding: () => this.#rankings.isHolding,
    };
    const { longSlice, rankedHits, pagesIdle, pagesLog } = settings.thresholds;
    this.#long = new LongSearches(this.#view, work, longSlice);
    this.#rankedHits = rankedHits;
    this.#rankings = new KeptRankings({
      idle: pagesIdle,
      longLog: pagesLog,
      logPages: () => reader.logPages(),
      release: (kept) => this.#long.giveBack(kept),
    });
    this.#pages = new PageReader(this.#rankings, (kept) => this.#partsOf(kept).answers);
    this.#indexes.recover(reader.libraries.all());
  }

  /** Applies a commit to the indexes and forwards it to live queries. */
  apply(committed: Committed): void {
    this.#holds.measure("commit", () => this.#view.apply(committed));
  }

  /**
   * Answers searches for some milliseconds, batched by library, and starts long ones. Returns the searches that have to wait
   * for another turn.
   */
  search(requests: readonly PendingSearch[]): readonly PendingSearch[] {
    const soon: PendingSearch[] = [];
    for (const request of requests) {
      const { search } = request.take;
      if (!this.#isWanted(request)) this.#fail([toLong(request)], new Abandoned());
      else if (isPlain(search) && search.k <= mostHits) soon.push(request);
      else if (search.pages === true && this.#rankings.isPausing) {
        this.#parked.add(toLong(request), () => this.#rankings.isPausing);
      } else this.#long.add(toLong(request));
    }
    if (soon.length === 0) return [];
    const left: PendingSearch[] = [];
    const run = () => {
      const slice = new Slice();
      for (const [libraryId, group] of Map.groupBy(soon, ({ take }) => take.libraryId)) {
        for (let from = 0; from < group.length; from += mostTogether) {
          const part = group.slice(from, from + mostTogether);
          if (slice.over) left.push(...part);
          else this.#searchTogether(libraryId, part);
        }
      }
    };
    this.#holds.measure("search", () => this.#view.read(run));
    return left;
  }

  /** Takes a query of documents, which is answered in steps. */
  query(request: DocumentRequest): void {
    this.#long.add(toLongQuery(request));
  }

  /** Takes the request for a further page of a search, which is answered in steps. */
  page(request: SearchPageRequest): void {
    this.#long.add(toLongPage(request));
  }

  /** Continues long searches for a few milliseconds. */
  goOn(): void {
    this.#rankings.sweep();
    for (const request of this.#parked.ready()) this.#long.add(request);
    if (this.#long.waiting === 0) return;
    const slice = new Slice();
    while (!slice.over && this.#holds.measure("begin", () => this.#long.begin()));
    this.#holds.measure("long", () => this.#long.goOn());
  }

  /** Long searches that are open or can be started. */
  get waiting(): number {
    return this.#long.waiting;
  }

  /** Searches that wait until the fields of their filters are indexed. */
  get parked(): number {
    return this.#parked.size;
  }

  /** Fails all long searches with the error. */
  refuseLong(error: Error): void {
    this.#long.refuse(error);
    this.#fail(this.#parked.takeAll(), error);
  }

  /** Answers searches of the live thread, which has been sent every earlier change. */
  find(isBeside: boolean): void {
    const finds = this.#feed.take(isBeside ? findsBeside : findsTogether);
    if (finds.length === 0) return;
    const later = (error: unknown, find: Find) => {
      if (!(error instanceof TakesLong) && !(error instanceof AwaitsIndex)) return false;
      this.#fail([toLongFind(find)], error);
      return true;
    };
    this.#holds.measure("live", () =>
      this.#view.read(() => this.#partsOf(this.#view.reader).live.answer(finds, later)),
    );
  }

  /** Whether the index that the library is being re-embedded to is ready; it is built in the background. @throws ArrwError */
  buildNext(libraryId: string): boolean {
    return this.#view.read(() => this.#indexes.buildNext(this.#view.reader.libraries.find(libraryId)));
  }

  /** @throws ArrwError `library_not_found` */
  statistics(libraryId: string): LibraryStatistics {
    return this.#view.read(() => {
      const row = this.#view.reader.libraries.find(libraryId);
      const { id, seq, num_documents, num_chunks } = row.library;
      return {
        library_id: id,
        seq,
        num_documents,
        num_chunks,
        index: this.#indexes.statistics(row),
        searches: this.#counts.searches(id),
        recall: this.#counts.recall(id, num_chunks),
      };
    });
  }

  /** Totals of all libraries. */
  totals(): SearchStatistics {
    const indexes = this.#indexes.totals();
    return {
      ...this.#counts.totals(),
      ...indexes,
      metadataBytes: indexes.metadataBytes + this.#documents.bytes,
      holds: this.#holds.read(),
    };
  }

  /** Whether all saved indexes were loaded or found to be unusable after the start. */
  get recovered(): boolean {
    return this.#indexes.recovered;
  }

  /** Libraries whose writers should wait. */
  held(): readonly string[] {
    return [...this.#indexes.congested(), ...this.#feed.held()];
  }

  /** Runs one slice of background work; returns whether there is more. */
  work(): boolean {
    // Saving a large graph takes long, so it alternates with other work.
    this.#savesNext = this.#indexes.saving && !this.#savesNext;
    if (this.#savesNext) this.#holds.measure("save", () => this.#indexes.continueSaving());
    else if (!this.#workOnIndexes()) return this.#indexes.saving;
    return true;
  }

  #workOnIndexes(): boolean {
    if (this.#indexes.wanting) {
      const open = () => this.#indexes.open((id) => this.#view.reader.libraries.peek(id));
      this.#holds.measure("open", () => this.#view.read(open));
      return true;
    }
    if (this.#holds.measure("documents", () => this.#documents.work())) return true;
    if (this.#holds.measure("index", () => this.#indexes.work())) return true;
    if (!this.#sampler.pending) return false;
    const sample = this.#sampler.next();
    if (sample !== undefined) this.#long.add(toLongSample(sample));
    return true;
  }

  /** Starts long background work, to be called when idle; returns whether there was any. */
  rest(): boolean {
    return this.#indexes.beginSaving();
  }

  close(): void {
    this.#rankings.close();
    this.#long.close();
    this.#indexes.close();
    this.#snapshots.close();
    this.#view.close();
  }

  #increaseEffort(libraryId: string): void {
    this.#indexes.increaseEffort(this.#view.reader.libraries.find(libraryId));
  }

  #index({ changes, events }: Committed): void {
    for (const change of changes) {
      this.#indexes.apply(change);
      this.#documents.apply(change);
      if (change.dropped || change.changedOver === true) this.#counts.forget(change.row.library.id);
      if (change.dropped) this.#rankings.forget(change.row.library.id);
    }
    for (const { type, library_id, seq, data } of this.#rankings.isHolding ? events : []) {
      if (type === "document.expired") this.#rankings.expire(library_id, data.document_id, seq);
    }
    this.#feed.publish(changes, events, this.#view.reader.chunks);
  }

  #searchTogether(libraryId: string, group: readonly PendingSearch[]): void {
    try {
      const found = this.#partsOf(this.#view.reader).answers.searchSoon(libraryId, group.map(toWaiting));
      for (const [request, value] of paired(group, found, "The search")) this.#answer(request, { value });
    } catch (error) {
      if (group.length === 1) this.#fail(group.map(toLong), error);
      else for (const request of group) this.#searchTogether(libraryId, [request]);
    }
  }

  #begin(reader: SearchReader, requests: readonly LongRequest[]): Steps<readonly Outcome<unknown>[]> {
    const { answers, live, searcher } = this.#partsOf(reader);
    const [first] = requests;
    if (first !== undefined && "sample" in first) return this.#sampler.compare(searcher, first.sample);
    if (first !== undefined && "documents" in first) return settled(this.#queries.answer(reader, first.documents));
    if (first !== undefined && "page" in first) {
      const { libraryId, cursor } = first.page.take;
      return settled(this.#pages.read(reader, libraryId, cursor));
    }
    const finds = requests.flatMap((request) => ("find" in request ? [request.find] : []));
    if (finds.length > 0) return live.answerInSteps(finds, this.#view.reader.chunks);
    const searches = requests.flatMap((request) => ("search" in request ? [request.search] : []));
    return answers.searchInSteps(first?.subject ?? "", searches.map(toWaiting));
  }

  /** Handles searches that failed, take long, or have to wait. */
  #fail(requests: readonly LongRequest[], error: unknown): void {
    for (const request of requests) {
      if (error instanceof TakesLong) this.#long.add(request);
      else if (error instanceof AwaitsIndex) this.#awaitIndex(request, error);
      else if (error instanceof AwaitsDocuments) this.#awaitDocuments(request, error);
      else if ("page" in request) this.#answer(request.page, { error: toErrorData(error) });
      else if ("search" in request) this.#answer(request.search, { error: toErrorData(error) });
      else if ("documents" in request) this.#answer(request.documents, { error: toErrorData(error) });
      else if ("find" in request) this.#feed.send({ type: "refused", id: request.find.id, error: toErrorData(error) });
    }
  }

  #awaitIndex(request: LongRequest, { row, filter, fields }: AwaitsIndex): void {
    this.#parked.add(request, () => this.#indexes.peek(row.key)?.awaits(filter, fields) === true);
    this.#indexes.prioritize(row.key);
  }

  #awaitDocuments(request: LongRequest, { library, filter }: AwaitsDocuments): void {
    this.#parked.add(request, () => this.#documents.peek(library)?.awaits(filter) === true);
  }

  #partsOf(reader: SearchReader): SearchEngineParts {
    let parts = this.#parts.get(reader);
    if (parts === undefined) {
      const searcher = new Searcher(reader, this.#indexes);
      const texts = new TextSearcher(reader, searcher);
      parts = {
        searcher,
        answers: new Answers({
          hits: reader.hits,
          libraries: reader.libraries,
          chunks: reader.chunks,
          searcher,
          texts,
          facets: new FacetCounter(reader, this.#indexes),
          likes: new LikeSearcher(reader, searcher),
          groups: new GroupRanker(reader, this.#indexes),
          counts: this.#counts,
          sampler: this.#sampler,
          pages: new FirstPages(reader, this.#rankings, this.#rankedHits),
        }),
        live: new LiveAnswers(reader, searcher, this.#feed),
      };
      this.#parts.set(reader, parts);
    }
    return parts;
  }
}

const toWaiting = ({ take, since }: PendingSearch): WaitingSearch => ({
  search: take.search,
  since: since ?? performance.now(),
});
