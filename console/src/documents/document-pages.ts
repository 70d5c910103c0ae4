import { type ReadonlySignal, type Signal, useSignal } from "@preact/signals";
import {
  type DocumentCount,
  type DocumentSummary,
  type Filter,
  type LibraryHandle,
  stringifyJson,
} from "arrwdb-client";
import { useEffect, useRef } from "preact/hooks";
import { awaySince, isAbort, noteError } from "../state/server.ts";

const perPage = 50;
/** How many times as long as reading took a list rests before it is read again, as the library has changed. */
const restFactor = 4;
/** Documents that are shown at most; a filter or another order shows others. */
export const mostListed = 1_000;

/** Documents that pass a filter, in an order. */
export interface DocumentChoice {
  readonly metadata_filter: Filter | undefined;
  readonly sort: string | undefined;
}

export interface DocumentListing {
  readonly documents: readonly DocumentSummary[];
  readonly next: string | null;
  readonly counted: DocumentCount;
}

interface DocumentPages {
  /** Undefined until there is an answer for what was chosen. */
  readonly listing: ReadonlySignal<DocumentListing | undefined>;
  readonly error: ReadonlySignal<string>;
  readonly busy: ReadonlySignal<boolean>;
  readonly more: () => void;
  readonly refresh: () => void;
}

/**
 * The first page of the documents, and further ones on demand. While there is only the first, it follows the library.
 *
 * @param seq the library's position, as far as it is known
 */
export function useDocumentPages(
  handle: LibraryHandle,
  choice: DocumentChoice,
  seq: number | undefined,
): DocumentPages {
  const listing: Signal<DocumentListing | undefined> = useSignal(undefined);
  const error = useSignal("");
  const busy = useSignal(false);
  const again = useSignal(0);
  const current = useRef(new AbortController());
  const shown = useRef<{ readonly handle: LibraryHandle; readonly key: string } | undefined>(undefined);
  const key = stringifyJson(choice);
  const isLong = (listing.value?.documents.length ?? 0) > perPage;
  // A list that was paged through stays as it is until it is refreshed, and reading is not begun anew before it has ended.
  const isKept = isLong || busy.value;
  const position = isKept ? "kept" : seq;
  const tried = useRef<number | undefined>(undefined);
  const restsUntil = useRef(0);
  const isAway = awaySince.value !== undefined;

  const run = (read: (signal: AbortSignal) => Promise<DocumentListing>) => {
    current.current.abort();
    const controller = new AbortController();
    current.current = controller;
    busy.value = true;
    const work = async () => {
      try {
        const next = await read(controller.signal);
        if (!controller.signal.aborted) [listing.value, error.value] = [next, ""];
      } catch (problem) {
        if (controller.signal.aborted || isAbort(problem)) return;
        error.value = noteError(problem);
      }
      if (!controller.signal.aborted) busy.value = false;
    };
    void work();
  };

  useEffect(() => {
    const isShown = shown.current?.handle === handle && shown.current.key === key;
    if (isShown && (isKept || tried.current === seq)) return undefined;
    // What is shown belongs to what is asked, and to the key that may see it.
    if (!isShown) [listing.value, error.value] = [undefined, ""];
    shown.current = { handle, key };
    const read = async (signal: AbortSignal) => {
      const started = performance.now();
      const [page, counted] = await Promise.all([
        handle.documentPage({ ...choice, limit: perPage, signal }),
        handle.count(choice.metadata_filter, { signal }),
      ]);
      const now = performance.now();
      restsUntil.current = now + (now - started) * restFactor;
      return { documents: page.documents, next: page.next_cursor, counted };
    };
    const begin = () => {
      tried.current = seq;
      run(read);
    };
    if (!isShown) {
      begin();
      return undefined;
    }
    const timer = setTimeout(begin, restsUntil.current - performance.now());
    return () => clearTimeout(timer);
  }, [handle, key, position, again.value]);
  useEffect(() => () => current.current.abort(), []);

  const more = () => {
    const before = listing.value;
    const cursor = before?.next;
    if (before === undefined || cursor === null || cursor === undefined) return;
    run(async (signal) => {
      const page = await handle.documentPage({ ...choice, limit: perPage, cursor, signal });
      // One that has moved in the order is on two pages.
      const documents = new Map([...before.documents, ...page.documents].map((document) => [document.id, document]));
      return { ...before, documents: [...documents.values()], next: page.next_cursor };
    });
  };
  const refresh = () => {
    shown.current = undefined;
    again.value += 1;
  };
  useEffect(() => {
    if (!isAway && error.value !== "") refresh();
  }, [isAway]);
  return { listing, error, busy, more, refresh };
}
