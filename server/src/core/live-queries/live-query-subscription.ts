import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { Facets, FieldValue } from "@arrwdb/protocol/search/facets";
import type { SearchUpdated } from "@arrwdb/protocol/websocket/live";
import type { FoundHit, FoundSearchHit, LiveHit } from "@arrwdb/protocol/search/search";
import type { FieldChoice } from "../../store/chosen-fields.ts";
import type { StoreGroup, StoreHits } from "../../store/search-store.ts";
import type { HitTexts } from "./hit-texts.ts";
import { type ResultChanges, resultChanges } from "./result-changes.ts";
import { anyWrite, type Subscriber } from "../subscriber.ts";

export interface LiveResults {
  readonly seq: number;
  readonly results: LiveHit[];
  readonly total: number;
  readonly exact: boolean;
  readonly groups?: SocketGroups | undefined;
  readonly facets?: Facets | undefined;
}

type SocketGroups = { value: FieldValue | null; results: LiveHit[] }[];

/** The hits in the format of the WebSocket protocol. */
export const socketHits = <Hit extends { readonly chunk_id: string }>(hits: readonly Hit[]): (Hit & { id: string })[] =>
  hits.map((hit) => ({ ...hit, id: hit.chunk_id }));

/** The hits of a response, and of its groups, in the format of the WebSocket protocol. */
export function socketResults<Hit extends FoundHit>({ results, groups }: SocketHits<Hit>) {
  return {
    results: socketHits(results),
    groups: groups?.map((group) => ({ value: group.value, results: socketHits(group.results) })),
  };
}

interface SocketHits<Hit extends FoundHit> {
  readonly results: readonly Hit[];
  readonly groups?: readonly StoreGroup<Hit>[] | undefined;
}

/** What a live query finds; of a search that is repeated, hits with the fields of `include` already. */
export type LiveHits = StoreHits<FoundSearchHit>;

export function liveResults({ hits, exact, seq, groups, facets }: LiveHits): LiveResults {
  return { seq, ...socketResults({ results: hits, groups }), total: hits.length, exact, facets };
}

/** The fields of whole hits that `include` names. */
export function chosenHits({ hits, ...rest }: StoreHits, choice: FieldChoice): LiveHits {
  const chosen = hits.map((hit) => {
    const { rank, chunk_id, document_id, distance } = hit;
    return { rank, chunk_id, document_id, distance, ...choice.of(hit) };
  });
  return { ...rest, hits: chosen, groups: undefined };
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
  /** None if the hits have fields of this query's own. */
  readonly texts: HitTexts | undefined;
  /** Called when new results are sent to the reader. */
  readonly onUpdate: () => void;
}

/** A live query of one reader: the results last sent, and at most one newer state. */
export class LiveQuerySubscription {
  readonly #id: string;
  readonly #libraryId: string;
  readonly #subscriber: Subscriber;
  readonly #texts: HitTexts | undefined;
  readonly #onUpdate: () => void;
  #sent: LiveResults | undefined;
  #newest: LiveHits | undefined;
  /** Whether the newest hits have other distances throughout. */
  #isReplaced = false;

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
  update(hits: LiveHits): void {
    this.#newest = hits;
    this.flush();
  }

  /** The same for hits whose distances are not comparable with those before, so that they are sent even if no hit has moved. */
  replace(hits: LiveHits): void {
    this.#isReplaced = true;
    this.update(hits);
  }

  /** Sends the newest state, if there is one and the reader is not congested. */
  flush(): void {
    if (this.#newest === undefined || this.#sent === undefined || this.#subscriber.congested) return;
    const now = liveResults(this.#newest);
    this.#newest = undefined;
    const changes = changesOf(this.#sent, now) ?? (this.#isReplaced ? sameHits : undefined);
    this.#sent = now;
    this.#isReplaced = false;
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
    const texts = results.map((hit) => this.#texts?.of(hit) ?? stringifyExactly(hit));
    const enteredTexts = entered.map(({ rank }) => texts[rank - 1]);
    return `${stringifyExactly(rest).slice(0, -1)},"entered":[${enteredTexts.join()}],"results":[${texts.join()}]}`;
  }
}
