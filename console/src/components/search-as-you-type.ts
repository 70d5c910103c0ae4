import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import {
  type LibraryHandle,
  type RankedQuery,
  type RankedSearchResponse,
  type SearchQuery,
  stringifyJson,
} from "arrwdb-client";
import { useEffect } from "preact/hooks";
import { isAbort, noteError } from "../state/server.ts";

/** Debounce of typing in milliseconds. */
const rest = 120;

export interface Answer {
  readonly response: RankedSearchResponse;
  /** What was searched. */
  readonly query: string;
  /** Milliseconds from the request to the response. */
  readonly roundTrip: number;
}

interface Searching {
  readonly answer: ReadonlySignal<Answer | undefined>;
  readonly error: ReadonlySignal<string>;
  readonly busy: ReadonlySignal<boolean>;
}

type Request = SearchQuery | RankedQuery;

/** Searches whenever the request changes, and returns only the newest response: earlier requests are aborted. */
export function useSearch(handle: LibraryHandle, request: Request): Searching {
  const answer: Signal<Answer | undefined> = useSignal(undefined);
  const error = useSignal("");
  const busy = useSignal(false);
  const { query = "" } = request;
  const key = stringifyJson(request);

  useEffect(() => {
    if (query.trim() === "") {
      [answer.value, error.value, busy.value] = [undefined, "", false];
      return undefined;
    }
    const controller = new AbortController();
    const search = async () => {
      const started = performance.now();
      busy.value = true;
      try {
        const options = { signal: controller.signal, explain: true };
        const response = await handle.search(request, options);
        answer.value = { response, query, roundTrip: performance.now() - started };
        error.value = "";
      } catch (problem) {
        if (controller.signal.aborted || isAbort(problem)) return;
        error.value = noteError(problem);
      }
      if (!controller.signal.aborted) busy.value = false;
    };
    const timer = setTimeout(() => void search(), rest);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [handle, key]);

  return { answer, error, busy };
}
