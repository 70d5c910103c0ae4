import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { Facets, FieldValue } from "@arrwdb/protocol/search/facets";
import type { SearchUpdated } from "@arrwdb/protocol/websocket/live";
import type { SearchResponse, SocketSearchHit } from "@arrwdb/protocol/search/search";
import type { StoreHits } from "../../store/search-store.ts";
import type { HitTexts } from "./hit-texts.ts";
import { type ResultChanges, resultChanges } from "./result-changes.ts";
import { anyWrite, type Subscriber } from "../subscriber.ts";

export interface LiveResults {
  readonly seq: number;
  readonly results: SocketSearchHit[];
  readonly total: number;
  readonly exact: boolean;
  readonly groups?: SocketGroups | undefined;
  readonly facets?: Facets | undefined;
}

type SocketGroups = { value: FieldValue | null; results: SocketSearchHit[] }[];

/** The hits in the format of the WebSocket protocol. */
export const socketHits = <Hit extends { readonly chunk_id: string }>(hits: readonly Hit[]): (Hit & { id: string })[] =>
  hits.map((hit) => ({ ...hit, id: hit.chunk_id }));

/** The hits of a response, and of its groups, in the format of the WebSocket protocol. */
export function socketResults({ results, groups }: Pick<SearchResponse, "results" | "groups">) {
  return {
    results: socketHits(results),
    groups: groups?.map((group) => ({ value: group.value, results: socketHits(group.results) })),
  };
}

export function liveResults({ hits, exact, seq, groups, facets }: StoreHits): LiveResults {
  const named = groups?.map(({ value, results }) => ({ value, results: socketHits(results) }));
  return { seq, results: socketHits(hits), total: hits.length, exact, groups: named, facets };
}

const sameHits: ResultChanges = { entered: [], left: [], moved: [], changed: [] };

/** How the results differ from those last sent; undefined if they do not. */
function changesOf(before: LiveResults, after: LiveResults): ResultChanges | undefined {
  const changes = resultChanges(before.results, after.results);
  if (changes !== undefined) return changes;
  const [one, other] = [before, after].map(({ groups, facets }) => stringifyExactly([groups, facets]));
  return one === other ? undefined : sameHits;
}

/** What a live query is made from. */
export interface LiveQuerySubscriptionOptions {
  readonly id: string;
  readonly libraryId: string;
  readonly subscriber: Subscriber;
  readonly texts: HitTexts;
  /** Called when new results are sent to the reader. */
  readonly onUpdate: () => void;
}

/** A live query of one reader: the results last sent, and at most one newer state. */
export class LiveQuerySubscription {
  readonly #id: string;
  readonly #libraryId: string;
  readonly #subscriber: Subscriber;
  readonly #texts: HitTexts;
  readonly #onUpdate: () => void;
  #sent: LiveResults | undefined;
  #newest: StoreHits | undefined;

  constructor({ id, libraryId, subscriber, texts, onUpdate }: LiveQuerySubscriptionOptions) {
    this.#id = id;
    this.#libraryId = libraryId;
    this.#subscriber = subscriber;
    this.#texts = texts;
    this.#onUpdate = onUpdate;
  }

  /** The reader was answered with these; changes may follow. */
  begin(first: LiveResults): void {
    this.#sent = first;
    this.flush();
  }

  /** The results have changed to these. States that the reader could not receive in between are skipped. */
  update(hits: StoreHits): void {
    this.#newest = hits;
    this.flush();
  }

  /** Sends the newest state, if there is one and the reader is not congested. */
  flush(): void {
    if (this.#newest === undefined || this.#sent === undefined || this.#subscriber.congested) return;
    const now = liveResults(this.#newest);
    this.#newest = undefined;
    const changes = changesOf(this.#sent, now);
    this.#sent = now;
    if (changes === undefined) return;
    const message: SearchUpdated = {
      type: "search.updated",
      subscription_id: this.#id,
      library_id: this.#libraryId,
      seq: now.seq,
      ...changes,
      results: now.results,
      total: now.total,
      exact: now.exact,
      groups: now.groups,
      facets: now.facets,
    };
    this.#subscriber.send(this.#textOf(message), anyWrite);
    this.#onUpdate();
  }

  #textOf({ entered, results, ...rest }: SearchUpdated): string {
    const texts = results.map((hit) => this.#texts.of(hit));
    const enteredTexts = entered.map(({ rank }) => texts[rank - 1]);
    return `${stringifyExactly(rest).slice(0, -1)},"entered":[${enteredTexts.join()}],"results":[${texts.join()}]}`;
  }
}
