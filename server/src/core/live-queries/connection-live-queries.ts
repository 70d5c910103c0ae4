import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { FoundSearchHit } from "@arrwdb/protocol/search/search";
import { v7 as uuidv7 } from "uuid";
import { FieldChoice } from "../../store/chosen-fields.ts";
import type {
  Choosing,
  LiveQueryHandle,
  LiveQueryListener,
  StoreHits,
  VectorSearch,
} from "../../store/search-store.ts";
import type { Store } from "../../store/store.ts";
import type { EventStatistics } from "../events/event-statistics.ts";
import { isModelChange } from "../libraries/with-current-model.ts";
import type { HitTexts } from "./hit-texts.ts";
import { chosenHits, type LiveResults, liveResults, LiveQuerySubscription } from "./live-query-subscription.ts";
import type { SearchQuery, Searches } from "../search/search.ts";
import type { RepeatedSearches } from "./repeated-searches.ts";
import type { Subscriber } from "../subscriber.ts";
import { subscriptionEnded } from "../events/subscription-ended.ts";

export interface LiveQuerySubscribed extends LiveResults {
  readonly subscription_id: string;
}

interface OpenLiveQuery {
  readonly asked: SearchQuery;
  readonly query: LiveQuerySubscription;
  handle: Pick<LiveQueryHandle, "end">;
}

type ShownHandle = LiveQueryHandle<FoundSearchHit>;

/** Whether only a search can tell what it shows. */
const isRepeated = ({ facets, groupBy, include, highlight }: VectorSearch & Choosing): boolean =>
  [facets, groupBy, highlight].some((each) => each !== undefined) || include?.includes("embedding") === true;

/** What the live queries of a connection are made from. */
export interface ConnectionLiveQueriesOptions {
  readonly libraryId: string;
  readonly store: Store;
  readonly searches: Searches;
  /** For queries that the live thread cannot answer. */
  readonly repeated: RepeatedSearches;
  readonly statistics: EventStatistics;
  /** Receives the changes. */
  readonly subscriber: Subscriber;
  /** Texts of hits that several readers share. */
  readonly texts: HitTexts;
}

/** The live queries of one connection. */
export class ConnectionLiveQueries {
  readonly #libraryId: string;
  readonly #store: Store;
  readonly #searches: Searches;
  readonly #repeated: RepeatedSearches;
  readonly #statistics: EventStatistics;
  readonly #subscriber: Subscriber;
  readonly #texts: HitTexts;
  readonly #entries = new Map<string, OpenLiveQuery>();
  readonly #ending = new AbortController();

  constructor({ libraryId, store, searches, repeated, statistics, subscriber, texts }: ConnectionLiveQueriesOptions) {
    this.#libraryId = libraryId;
    this.#store = store;
    this.#searches = searches;
    this.#repeated = repeated;
    this.#statistics = statistics;
    this.#subscriber = subscriber;
    this.#texts = texts;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Starts a live query. `answer` is called with the first results before any change is sent. */
  async subscribe(
    query: SearchQuery,
    signal: AbortSignal,
    answer: (subscribed: LiveQuerySubscribed) => void,
  ): Promise<void> {
    const { include, highlight } = query;
    const id = uuidv7();
    const live = new LiveQuerySubscription({
      id,
      libraryId: this.#libraryId,
      subscriber: this.#subscriber,
      texts: include === undefined && highlight === undefined ? this.#texts : undefined,
      onUpdate: () => this.#statistics.liveQueryUpdated(),
    });
    const handle = await this.#watch(id, query, live, signal);
    if (this.#ending.signal.aborted) return handle.end();
    this.#entries.set(id, { asked: query, query: live, handle });
    this.#statistics.subscribed("live_queries", 1);
    const first = liveResults(handle.first);
    answer({ subscription_id: id, ...first });
    live.begin(first);
  }

  #watch(id: string, query: SearchQuery, live: LiveQuerySubscription, signal: AbortSignal): Promise<ShownHandle> {
    return this.#searches.withCurrentModel(this.#libraryId, async () => {
      const search = await this.#searches.prepare(this.#libraryId, query, signal);
      return this.#watchStore(search, (update) => {
        if ("value" in update) live.update(update.value);
        else if (isModelChange(update.error) || isReadAnew(update.error)) void this.#renew(id);
        else this.#end(id, toArrwError(update.error));
      });
    });
  }

  async #watchStore(
    search: VectorSearch & Choosing,
    listener: LiveQueryListener<FoundSearchHit>,
  ): Promise<ShownHandle> {
    if (isRepeated(search)) return this.#repeated.watch(this.#libraryId, search, listener);
    const choice = search.include && new FieldChoice(search.include);
    const shown = (hits: StoreHits) => (choice === undefined ? hits : chosenHits(hits, choice));
    const handle = await this.#store.searches.watch(this.#libraryId, search, (update) =>
      listener("value" in update ? { value: shown(update.value) } : update),
    );
    return { ...handle, first: shown(handle.first) };
  }

  /** The library has other vectors now: the query goes on with those of its new model. */
  async #renew(id: string): Promise<void> {
    const entry = this.#entries.get(id);
    if (entry === undefined) return;
    try {
      const handle = await this.#watch(id, entry.asked, entry.query, this.#ending.signal);
      if (this.#entries.get(id) !== entry) return handle.end();
      entry.handle = handle;
      entry.query.replace(handle.first);
    } catch (error) {
      this.#end(id, toArrwError(error));
    }
  }

  /** Whether there was such a live query. */
  unsubscribe(id: string): boolean {
    const entry = this.#entries.get(id);
    if (entry === undefined) return false;
    this.#entries.delete(id);
    entry.handle.end();
    this.#statistics.subscribed("live_queries", -1);
    return true;
  }

  /** The live query cannot continue; its reader gets the error. */
  #end(id: string, error: ArrwError): void {
    if (!this.unsubscribe(id)) return;
    this.#subscriber.send(JSON.stringify(subscriptionEnded(id, this.#libraryId, error)));
  }

  /** The connection is no longer congested. */
  resume(): void {
    for (const { query } of this.#entries.values()) {
      if (this.#subscriber.congested) return;
      query.flush();
    }
  }

  close(): void {
    this.#ending.abort(new ArrwError("shutting_down", "The connection has ended"));
    for (const id of this.#entries.keys()) this.unsubscribe(id);
  }
}

/** Whether the node had to read the library anew, so that what a live query has found may be of the past. */
const isReadAnew = (error: unknown): boolean => error instanceof ArrwError && error.code === "recovering";
