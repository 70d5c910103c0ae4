import type { BackoffSettings } from "../connection/backoff.ts";
import type { Connection } from "../connection/connection.ts";
import { differenceOf, type LiveState, sameResults } from "./live-difference.ts";
import { Outlet } from "./outlet.ts";
import { Subscription } from "./subscription.ts";
import type { AnyLiveQuery, LiveResultsWith } from "../chosen-hits.ts";
import type { LiveHit, SocketSearchHit } from "../wire.ts";
import { withWireVector } from "../vector.ts";

export interface LiveOptions {
  /** Cancels the iteration, which then throws the signal's reason. */
  readonly signal?: AbortSignal | undefined;
}

/** @internal What a live query is made from. */
export interface LiveQueryParts {
  readonly connection: Connection;
  readonly query: AnyLiveQuery;
  readonly options: LiveOptions;
  readonly reconnect: BackoffSettings;
}

/**
 * The results of a search, now and whenever they change, across restarts and disconnects. The first value has all hits
 * in `entered`; each further value has the changes since the previous one. A slow reader gets only the newest state.
 *
 * @throws ArrwClientError from `next()` if it cannot continue, such as `validation_failed`, `library_deleted`, `closed`
 */
export class LiveQuery<Hit extends LiveHit = SocketSearchHit> implements AsyncIterableIterator<
  LiveResultsWith<Hit>,
  undefined
> {
  readonly #outlet: Outlet<LiveResultsWith<Hit>>;
  readonly #subscription: Subscription;
  #given: LiveState<Hit> | undefined;
  #newest: LiveState<Hit> | undefined;

  /** @internal */
  constructor({ connection, query, options, reconnect }: LiveQueryParts) {
    const include = query.include && [...query.include];
    const request = { query: { ...withWireVector(query), include } };
    this.#subscription = new Subscription(
      connection,
      {
        request: () => request,
        subscribed: (answer) => {
          if (isState<Hit>(answer)) this.#arrived(answer);
        },
        received: (message) => {
          if (message.type === "search.updated" && isState<Hit>(message)) this.#arrived(message);
        },
        failed: (error) => this.#outlet.fail(error),
      },
      reconnect,
    );
    const source = {
      start: () => this.#subscription.start(),
      take: () => this.#take(),
      stop: () => this.#subscription.stop(),
    };
    this.#outlet = new Outlet(source, options.signal);
  }

  /** The position up to which the last yielded results are known to be current. Undefined before the first results. */
  get position(): number | undefined {
    return this.#given?.seq;
  }

  async next(): Promise<IteratorResult<LiveResultsWith<Hit>, undefined>> {
    return this.#outlet.next();
  }

  async return(): Promise<IteratorResult<LiveResultsWith<Hit>, undefined>> {
    return this.#outlet.return();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #arrived({ seq, results, total, exact, groups, facets }: LiveState<Hit>): void {
    this.#newest = { seq, results, total, exact, groups, facets };
    this.#outlet.notify();
  }

  #take(): { readonly value: LiveResultsWith<Hit> } | undefined {
    const [given, newest] = [this.#given, this.#newest];
    if (newest === undefined) return undefined;
    this.#newest = undefined;
    this.#given = newest;
    // After a reconnect the same results arrive again, or changes may have been reverted.
    if (given !== undefined && sameResults(given, newest)) return undefined;
    return { value: differenceOf(given, newest) };
  }
}

/** Whether these are results; the server gives their hits the fields that the query includes. */
const isState = <Hit extends LiveHit>(message: object): message is LiveState<Hit> => "results" in message;
