import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import pLimit from "p-limit";
import type { Answered, Searches, SearchQuery } from "./search.ts";

/** Searches of a batch that are under way at a time; the search thread answers those of one library together. */
const atOnce = 16;

interface SearchBatch {
  readonly libraryId: string;
  readonly queries: readonly SearchQuery[];
  /** Counts a further search of the same request. @throws ArrwError `rate_limited` */
  readonly admit: () => void;
}

/**
 * Answers several searches of one library, each by itself: one that fails is an error in its place. Together their hits have
 * at most `limits.answerCharacters`; those beyond are refused with `answer_too_large`.
 */
export async function searchEach(
  searches: Searches,
  { libraryId, queries, admit }: SearchBatch,
  signal: AbortSignal,
): Promise<readonly (Answered | ArrwError)[]> {
  let left = limits.answerCharacters;
  const one = async (query: SearchQuery): Promise<Answered | ArrwError> => {
    try {
      // The first was counted as the request.
      if (query !== queries[0]) admit();
      if (left <= 0) throw tooLarge();
      const answered = await searches.search(libraryId, query, signal);
      left -= answered.resultsJson.length + (answered.groupsJson?.length ?? 0);
      return left < 0 ? tooLarge() : answered;
    } catch (error) {
      // The client has gone, or the server stops.
      signal.throwIfAborted();
      return toArrwError(error);
    }
  };
  const answers = await pLimit(atOnce).map(queries, one);
  // A library that is not there is the error of the request.
  const [first] = answers;
  if (first instanceof ArrwError && first.code === "library_not_found") throw first;
  return answers;
}

const tooLarge = () =>
  new ArrwError(
    "answer_too_large",
    `The hits of this batch have more than ${limits.answerCharacters} characters; ask for fewer with k, or in several requests`,
  );
