import { useSignal } from "@preact/signals";
import type { LibraryHandle, LiveResults, SocketSearchHit } from "arrwdb-client";
import { useEffect } from "preact/hooks";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { Hit } from "../components/hit.tsx";
import { Icon } from "../components/icon.tsx";
import { useMoves } from "../components/moves.ts";
import { count, plural } from "../format.ts";
import { isAbort, noteError } from "../state/server.ts";

/** Maximum of live queries on one page. */
const most = 4;
const hits = 8;
/** Milliseconds for which a hit is shown that has left. */
const farewell = 700;

interface Standing {
  readonly key: number;
  readonly text: string;
}

/** Live queries survive a change of views, but not a reload. */
const asked = new Map<string, readonly Standing[]>();
let nextKey = 1;

/** Live queries: their hits come and go as the library changes. */
export function LiveView({ handle }: { readonly handle: LibraryHandle }) {
  const text = useSignal("");
  const standing = useSignal(asked.get(handle.id) ?? []);
  const set = (next: readonly Standing[]) => {
    if (next.length === 0) asked.delete(handle.id);
    else asked.set(handle.id, next);
    standing.value = next;
  };
  const add = (event: Event) => {
    event.preventDefault();
    if (text.value.trim() === "") return;
    set([...standing.value, { key: nextKey++, text: text.value.trim() }]);
    text.value = "";
  };
  return (
    <div>
      <form class="bar" onSubmit={add}>
        <input
          class="query"
          aria-label="Query to watch"
          placeholder="Watch a query, such as: how can I pay?"
          maxLength={10_000}
          value={text.value}
          onInput={({ currentTarget }) => (text.value = currentTarget.value)}
        />
        <button type="submit" class="primary" disabled={standing.value.length >= most}>
          Watch
        </button>
      </form>
      {standing.value.length === 0 && (
        <p class="hint">A live query: its hits update as documents are added, changed or deleted.</p>
      )}
      <div class="cards">
        {standing.value.map((one) => (
          <Watched
            key={one.key}
            handle={handle}
            text={one.text}
            onRemove={() => set(standing.value.filter((other) => other !== one))}
          />
        ))}
      </div>
    </div>
  );
}

interface WatchedProps {
  readonly handle: LibraryHandle;
  readonly text: string;
  readonly onRemove: () => void;
}

interface Shown {
  readonly hit: SocketSearchHit;
  readonly state: "stays" | "entered" | "left";
}

function Watched({ handle, text, onRemove }: WatchedProps) {
  const shown = useSignal<readonly Shown[]>([]);
  const changes = useSignal(0);
  const position = useSignal(0);
  const error = useSignal("");
  const list = useMoves(shown.value.map(({ hit }) => hit.chunk_id).join());

  useEffect(() => {
    const controller = new AbortController();
    // Another key may have other permissions.
    error.value = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const show = (results: LiveResults) => {
      const first = changes.value === 0;
      shown.value = merge(shown.value, results, first);
      changes.value += 1;
      position.value = results.seq;
      clearTimeout(timer);
      timer = setTimeout(() => {
        shown.value = shown.value.flatMap(({ hit, state }) => (state === "left" ? [] : [{ hit, state: "stays" }]));
      }, farewell);
      if (!first) announce(`${text}: ${results.entered.length} entered, ${results.left.length} left`);
    };
    const watch = async () => {
      try {
        for await (const results of handle.live({ query_text: text, k: hits }, { signal: controller.signal }))
          show(results);
      } catch (problem) {
        if (!controller.signal.aborted && !isAbort(problem)) error.value = noteError(problem);
      }
    };
    void watch();
    return () => {
      clearTimeout(timer);
      controller.abort();
    };
  }, [handle, text]);

  return (
    <section class="panel" aria-label={`Live query: ${text}`}>
      <h2>
        {text}
        <button type="button" class="quiet" aria-label={`Stop watching ${text}`} onClick={onRemove}>
          <Icon name="close" />
        </button>
      </h2>
      <p class="facts">
        {plural(Math.max(0, changes.value - 1), "change")} · position {count(position.value)}
      </p>
      <Alert text={error.value} />
      <ol class="hits small" ref={list}>
        {shown.value.map(({ hit, state }) => (
          <li key={hit.chunk_id} data-key={hit.chunk_id} class={state} inert={state === "left"}>
            <Hit hit={hit} libraryId={handle.id} query={text} />
          </li>
        ))}
      </ol>
    </section>
  );
}

/** The new results, with those that have just left at their old places. */
function merge(before: readonly Shown[], { results, entered, left }: LiveResults, first: boolean): readonly Shown[] {
  const isNew = new Set(first ? [] : entered.map(({ chunk_id }) => chunk_id));
  const merged: Shown[] = results.map((hit) => ({ hit, state: isNew.has(hit.chunk_id) ? "entered" : "stays" }));
  const leaving = new Set(left.map(({ chunk_id }) => chunk_id));
  for (const [index, { hit }] of before.entries()) {
    if (leaving.has(hit.chunk_id)) merged.splice(Math.min(index, merged.length), 0, { hit, state: "left" });
  }
  return merged;
}
