import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import {
  type Facets,
  type HitGroup,
  type LibraryHandle,
  type LiveResults,
  type RankedHit,
  type RankedQuery,
  type RankedSearchResponse,
  type SearchExplanation,
  type SearchQuery,
  stringifyJson,
} from "arrwdb-client";
import { useEffect } from "preact/hooks";
import { isAbort, noteError } from "../state/server.ts";

/** Debounce of typing in milliseconds. */
const rest = 120;
/** Milliseconds after which hits of the previous request are taken away, if its successor has no answer yet. */
const staleAfter = 300;

interface Timing {
  readonly took: number;
  /** Milliseconds from the request to the response. */
  readonly roundTrip: number;
  readonly explanation: SearchExplanation | undefined;
}

export interface Answer {
  /** What was searched. */
  readonly query: string;
  readonly results: readonly RankedHit[];
  readonly groups: readonly HitGroup[] | undefined;
  readonly facets: Facets | undefined;
  readonly total: number;
  readonly exact: boolean;
  readonly seq: number;
  /** Undefined for a live query, whose answers come by themselves. */
  readonly timing: Timing | undefined;
}

interface Searching {
  readonly answer: ReadonlySignal<Answer | undefined>;
  readonly error: ReadonlySignal<string>;
  readonly busy: ReadonlySignal<boolean>;
}

export type SearchRequest = SearchQuery | RankedQuery;

/** What is asked, and whether its answer is to change with the library. */
export interface Asked {
  readonly request: SearchRequest;
  readonly live: boolean;
}

/** Searches whenever the request changes, and returns only the newest response: earlier requests are aborted. */
export function useSearch(handle: LibraryHandle, asked: Asked | undefined): Searching {
  const answer: Signal<Answer | undefined> = useSignal(undefined);
  const error = useSignal("");
  const busy = useSignal(false);
  const key = asked === undefined ? "" : stringifyJson(asked);

  useEffect(() => {
    if (asked === undefined) {
      [answer.value, error.value, busy.value] = [undefined, "", false];
      return undefined;
    }
    const controller = new AbortController();
    const { signal } = controller;
    busy.value = true;
    const stale = setTimeout(() => (answer.value = undefined), staleAfter);
    const show = (next: Answer) => {
      clearTimeout(stale);
      [answer.value, error.value, busy.value] = [next, "", false];
    };
    const search = async () => {
      try {
        for await (const next of answersTo(handle, asked, signal)) if (!signal.aborted) show(next);
      } catch (problem) {
        if (signal.aborted || isAbort(problem)) return;
        clearTimeout(stale);
        [answer.value, error.value, busy.value] = [undefined, noteError(problem), false];
      }
    };
    const timer = setTimeout(() => void search(), rest);
    return () => {
      clearTimeout(timer);
      clearTimeout(stale);
      controller.abort();
    };
  }, [handle, key]);

  return { answer, error, busy };
}

async function* answersTo(
  handle: LibraryHandle,
  { request, live }: Asked,
  signal: AbortSignal,
): AsyncGenerator<Answer, undefined> {
  const { query = "" } = request;
  if (!live) {
    const started = performance.now();
    const response = await handle.search(request, { signal, explain: true });
    const roundTrip = performance.now() - started;
    yield answerOf(query, response, { took: response.took_ms, roundTrip, explanation: response.explanation });
    return;
  }
  const { k, metadata_filter, distance_threshold: threshold, facets, group_by } = request;
  const watched = { query_text: query, k, metadata_filter, threshold, facets, group_by };
  for await (const results of handle.live(watched, { signal })) yield answerOf(query, results);
}

function answerOf(query: string, response: RankedSearchResponse | LiveResults, timing?: Timing): Answer {
  const { results, groups, facets, total, exact, seq } = response;
  return { query, results, groups, facets, total, exact, seq, timing };
}
