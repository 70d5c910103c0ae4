import type { SearchHit } from "@arrwdb/protocol/search";
import type { SearchAnswer } from "../../store.ts";

/** An answer as it crosses the thread: its hits as text, which costs a fraction of handing objects over. */
export type EncodedAnswer = Omit<SearchAnswer, "hits">;

/** The answer as the store gives it; its hits are those of the mode that was asked for. */
export function decodeAnswer(answer: EncodedAnswer): SearchAnswer<SearchHit> {
  let hits: readonly SearchHit[] | undefined;
  return {
    ...answer,
    get hits() {
      hits ??= parse(answer.hitsJson);
      return hits;
    },
  };
}

/** What `HitsTable` wrote is read back without being checked again. */
function parse(json: string): readonly SearchHit[] {
  const hits: readonly SearchHit[] = JSON.parse(json);
  return hits;
}
