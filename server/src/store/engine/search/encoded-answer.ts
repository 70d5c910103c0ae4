import { JsonColumn } from "../rows/json-column.ts";
import type { SearchExplanation } from "@arrwdb/protocol/explanation";
import type { SearchHit } from "@arrwdb/protocol/search";
import type { SearchAnswer } from "../../search-store.ts";

/** `HitsTable` writes the hits piece by piece. */
const hitsColumn = new JsonColumn<readonly SearchHit[]>();

/** An answer as it crosses the thread: its hits as text, which costs a fraction of handing objects over. */
export type EncodedAnswer = Omit<SearchAnswer, "hits">;

/**
 * The answer as the store gives it; its hits are those of the mode that was asked for. A class, as each object literal with
 * a getter has a shape of its own, which outlives it until the next full garbage collection and keeps all that it knows.
 */
export class DecodedAnswer implements SearchAnswer<SearchHit> {
  readonly hitsJson: string;
  readonly count: number;
  readonly exact: boolean;
  readonly seq: number;
  readonly explanation: SearchExplanation | undefined;
  #hits: readonly SearchHit[] | undefined;

  constructor({ hitsJson, count, exact, seq, explanation }: EncodedAnswer) {
    this.hitsJson = hitsJson;
    this.count = count;
    this.exact = exact;
    this.seq = seq;
    this.explanation = explanation;
  }

  get hits(): readonly SearchHit[] {
    return (this.#hits ??= hitsColumn.decode(this.hitsJson));
  }
}
