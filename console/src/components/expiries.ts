import { useSignal } from "@preact/signals";
import type { LibraryHandle, RankedHit } from "arrwdb-client";
import { useEffect } from "preact/hooks";
import { isAbort, noteError } from "../state/server.ts";

/** Milliseconds for which hits have to stand, so that typing asks for nothing. */
const settled = 400;
const none: ReadonlyMap<string, string> = new Map();

/** When the documents of hits expire, of those that do: hits do not tell it. */
export function useExpiries(handle: LibraryHandle, results: readonly RankedHit[]): ReadonlyMap<string, string> {
  const expiries = useSignal(none);
  const ids = [...new Set(results.map((hit) => hit.document_id))].toSorted();
  useEffect(() => {
    if (ids.length === 0) return undefined;
    const controller = new AbortController();
    const look = async () => {
      try {
        const { documents } = await handle.documentPage({ ids, signal: controller.signal });
        const found = documents.flatMap(({ id, expires_at }): [string, string][] =>
          expires_at === null ? [] : [[id, expires_at]],
        );
        expiries.value = found.length === 0 ? none : new Map(found);
      } catch (problem) {
        if (!controller.signal.aborted && !isAbort(problem)) noteError(problem);
      }
    };
    const timer = setTimeout(() => void look(), settled);
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
    // A patch of an expiry changes no hit, so the latest answer is looked at even if it has the same documents.
  }, [handle, results]);
  return expiries.value;
}
