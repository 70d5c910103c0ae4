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
import { awaySince, isAbort, noteError } from "../state/server.ts";

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
  /** Requests whose facets alone are wanted, instead of those of the first. */
  readonly also: readonly SearchRequest[];
  readonly live: boolean;
}

/** Searches whenever the request changes, and returns only the newest response: earlier requests are aborted. */
export function useSearch(handle: LibraryHandle, asked: Asked | undefined): Searching {
  const answer: Signal<Answer | undefined> = useSignal(undefined);
  const error = useSignal("");
  const busy = useSignal(false);
  const again = useSignal(0);
  const isAway = awaySince.value !== undefined;
  const key = asked === undefined ? "" : stringifyJson(asked);
  useEffect(() => {
    // Another key may see other hits.
    answer.value = undefined;
  }, [handle]);

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
        await follow(handle, asked, signal, (next) => {
          if (!signal.aborted) show(next);
        });
      } catch (problem) {
        if (signal.aborted || isAbort(problem)) return;
        clearTimeout(stale);
        [answer.value, error.value, busy.value] = [undefined, noteError(problem), false];
        // Others of the same question may still be watched.
        controller.abort();
      }
    };
    const timer = setTimeout(() => void search(), rest);
    return () => {
      clearTimeout(timer);
      clearTimeout(stale);
      controller.abort();
    };
  }, [handle, key, again.value]);
  useEffect(() => {
    if (!isAway && error.value !== "") again.value += 1;
  }, [isAway]);

  return { answer, error, busy };
}

type Show = (answer: Answer) => void;

/** Shows each answer, with the counts of the other requests in its facets. */
async function follow(handle: LibraryHandle, { request, also, live }: Asked, signal: AbortSignal, show: Show) {
  if (live) return watch(handle, [request, ...also], signal, show);
  const started = performance.now();
  const first = handle.search(request, { signal, explain: true }).then((response) => {
    const roundTrip = performance.now() - started;
    return answerOf(request, response, { took: response.took_ms, roundTrip, explanation: response.explanation });
  });
  const [answer, ...others] = await Promise.all([first, ...also.map((other) => handle.search(other, { signal }))]);
  show(withCounts(answer, others));
}

async function watch(handle: LibraryHandle, requests: readonly SearchRequest[], signal: AbortSignal, show: Show) {
  const newest: (Answer | undefined)[] = requests.map(() => undefined);
  const watchOne = async (request: SearchRequest, index: number) => {
    const { query: query_text, k, metadata_filter, distance_threshold: threshold, facets, group_by } = request;
    const live = handle.live({ query_text, k, metadata_filter, threshold, facets, group_by }, { signal });
    for await (const results of live) {
      newest[index] = answerOf(request, results);
      const [first, ...others] = newest.filter((answer) => answer !== undefined);
      if (first !== undefined && others.length === requests.length - 1) show(withCounts(first, others));
    }
  };
  await Promise.all(requests.map(watchOne));
}

const withCounts = (answer: Answer, others: readonly { readonly facets?: Facets | undefined }[]): Answer =>
  others.length === 0
    ? answer
    : { ...answer, facets: Object.assign({ ...answer.facets }, ...others.map(({ facets }) => facets)) };

function answerOf(
  { query = "" }: SearchRequest,
  response: RankedSearchResponse | LiveResults,
  timing?: Timing,
): Answer {
  const { results, groups, facets, total, exact, seq } = response;
  return { query, results, groups, facets, total, exact, seq, timing };
}
