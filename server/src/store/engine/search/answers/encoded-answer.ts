import { JsonColumn } from "../../rows/json-column.ts";
import type { Facets } from "@arrwdb/protocol/search/facets";
import type { SearchExplanation } from "@arrwdb/protocol/search/explanation";
import type { SearchHit } from "@arrwdb/protocol/search/search";
import type { FurtherPages, SearchAnswer, StoreGroup } from "../../../search-store.ts";

/** `HitSerializer` serializes the hits one at a time. */
const hitsColumn = new JsonColumn<readonly SearchHit[]>();
const groupsColumn = new JsonColumn<readonly StoreGroup<SearchHit>[]>();

/** An answer as sent between threads: hits as text, which is much cheaper than cloning objects. */
export type EncodedAnswer = Omit<SearchAnswer, "hits" | "groups">;

/**
 * The answer as the store returns it, with hits of the requested mode. A class, because each object literal with a getter
 * creates a shape of its own, which survives until the next full garbage collection and retains its closure.
 */
export class DecodedAnswer implements SearchAnswer<SearchHit> {
  readonly hitsJson: string;
  readonly count: number;
  readonly exact: boolean;
  readonly seq: number;
  readonly groupsJson: string | undefined;
  readonly facets: Facets | undefined;
  readonly explanation: SearchExplanation | undefined;
  readonly pages: FurtherPages | undefined;
  #hits: readonly SearchHit[] | undefined;
  #groups: readonly StoreGroup<SearchHit>[] | undefined;

  constructor({ hitsJson, count, exact, seq, groupsJson, facets, explanation, pages }: EncodedAnswer) {
    this.hitsJson = hitsJson;
    this.count = count;
    this.exact = exact;
    this.seq = seq;
    this.groupsJson = groupsJson;
    this.facets = facets;
    this.explanation = explanation;
    this.pages = pages;
  }

  get hits(): readonly SearchHit[] {
    return (this.#hits ??= hitsColumn.decode(this.hitsJson));
  }

  get groups(): readonly StoreGroup<SearchHit>[] | undefined {
    if (this.groupsJson === undefined) return undefined;
    return (this.#groups ??= groupsColumn.decode(this.groupsJson));
  }
}
