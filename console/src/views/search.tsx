import { useSignal } from "@preact/signals";
import type { Filter, LibraryHandle, SearchExplanation } from "arrwdb-client";
import { useEffect } from "preact/hooks";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { FilterEditor } from "../components/filter-editor.tsx";
import { Hit } from "../components/hit.tsx";
import { type Answer, useSearch } from "../components/search-as-you-type.ts";
import { count, milliseconds, plural } from "../format.ts";
import { hasWordsOnly, watchedLibrary } from "../state/libraries.ts";
import { lacking } from "../state/permission.ts";
import { addSamples } from "../state/samples.ts";

const hitCounts = [5, 10, 20, 50];

/** Search modes, and their names in the console. */
const modes = { vector: "Semantic", hybrid: "Hybrid", text: "Keyword" } as const;
const modeNames = ["vector", "hybrid", "text"] as const;

/** Search as you type. */
export function SearchView({ handle }: { readonly handle: LibraryHandle }) {
  const text = useSignal("");
  const k = useSignal(10);
  const wordsOnly = hasWordsOnly(handle.id);
  const chosen = useSignal<(typeof modeNames)[number]>("vector");
  const mode = wordsOnly ? "text" : chosen.value;
  const threshold = useSignal(2);
  const filter = useSignal<Filter | undefined>(undefined);
  const { answer, error, busy } = useSearch(handle, {
    query: text.value,
    k: k.value,
    mode,
    metadata_filter: filter.value,
    ...(threshold.value < 2 && mode !== "text" ? { distance_threshold: threshold.value } : {}),
  });
  const found = answer.value;
  useEffect(() => {
    if (found !== undefined) announce(`${plural(found.response.total, "hit")} for ${found.query}`);
  }, [found]);
  return (
    <div class="columns">
      <div>
        <form role="search" onSubmit={(event) => event.preventDefault()}>
          <input
            class="query"
            type="search"
            aria-label="Search"
            placeholder="Search"
            autocomplete="off"
            maxLength={10_000}
            value={text.value}
            onInput={({ currentTarget }) => (text.value = currentTarget.value)}
          />
        </form>
        <Alert text={error.value} />
        {found === undefined ? <Beginning handle={handle} /> : <Results answer={found} busy={busy.value} />}
      </div>
      <div class="panel">
        <fieldset class="switch">
          <legend class="unseen">Search by</legend>
          {modeNames.map((one) => (
            <label key={one}>
              <input
                type="radio"
                name="mode"
                value={one}
                checked={mode === one}
                disabled={wordsOnly && one !== "text"}
                onChange={() => (chosen.value = one)}
              />
              <span>{modes[one]}</span>
            </label>
          ))}
        </fieldset>
        {wordsOnly && <p class="hint">This library has no embedding model, so texts are searched by keyword.</p>}
        <label class="field">
          Hits
          <select value={k.value} onChange={({ currentTarget }) => (k.value = Number(currentTarget.value))}>
            {hitCounts.map((number) => (
              <option key={number}>{number}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Max distance: {threshold.value < 2 ? threshold.value.toFixed(2) : "any"}
          <input
            type="range"
            min={0.05}
            max={2}
            disabled={mode === "text"}
            step={0.05}
            value={threshold.value}
            onInput={({ currentTarget }) => (threshold.value = Number(currentTarget.value))}
          />
        </label>
        <FilterEditor onChange={(next) => (filter.value = next)} />
        {found?.response.explanation !== undefined && <Plan explanation={found.response.explanation} answer={found} />}
      </div>
    </div>
  );
}

function Beginning({ handle }: { readonly handle: LibraryHandle }) {
  const watched = watchedLibrary(handle.id);
  if (watched?.library.num_documents !== 0) return <p class="hint">Results update as you type.</p>;
  if (lacking("write", "adding documents") !== undefined) {
    return <p class="hint">This library is empty. Documents are searchable as soon as they are added.</p>;
  }
  return (
    <div class="empty">
      <h2>This library is empty</h2>
      <p>Drop a file here, or start with a few dozen sample documents.</p>
      <p class="actions">
        <button type="button" class="primary" onClick={() => void addSamples(handle.id)}>
          Load sample documents
        </button>
      </p>
    </div>
  );
}

function Results({ answer, busy }: { readonly answer: Answer; readonly busy: boolean }) {
  const { response, query, roundTrip } = answer;
  return (
    <div class={busy ? "results busy" : "results"} aria-busy={busy}>
      <h2 class="unseen">Hits</h2>
      <p class="facts">
        <b>{plural(response.total, "hit")}</b> in {milliseconds(response.took_ms)}, {milliseconds(roundTrip)} round trip
        · {response.exact ? "exact" : "approximate"} · position {count(response.seq)}
      </p>
      {response.total === 0 && <p class="hint">No results. Relax the filter or increase the maximum distance.</p>}
      <ol class="hits">
        {response.results.map((hit) => (
          <li key={hit.chunk_id}>
            <Hit hit={hit} query={query} />
          </li>
        ))}
      </ol>
    </div>
  );
}

const plans: Readonly<Record<SearchExplanation["plan"], string>> = {
  none: "No chunk matches the filter, so nothing was compared.",
  read: "Few chunks match the filter, so their vectors were read and compared.",
  scan: "Every matching chunk was compared in memory.",
  walk: "The index proposed candidates; those that do not match the filter were skipped.",
  text: "Keyword search only; no vectors were compared.",
  disk: "Every vector was read from the disk and compared.",
};

/** The plan of the search. */
function Plan({ explanation, answer }: { readonly explanation: SearchExplanation; readonly answer: Answer }) {
  const { plan, index, matching, candidates, words, waited_ms, search_ms, read_ms } = explanation;
  const rest = Math.max(0, answer.roundTrip - waited_ms - search_ms - read_ms);
  const steps = [
    { name: "waited", value: waited_ms },
    { name: "compared", value: search_ms },
    { name: "read", value: read_ms },
    { name: "embedding and network", value: rest },
  ];
  return (
    <details open class="plan">
      <summary>
        Query plan: <b>{plan}</b>
        {index !== null && ` by ${index}`}
      </summary>
      <p class="hint">{plans[plan]}</p>
      <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        {steps.map(({ name, value }, place) => {
          const before = steps.slice(0, place).reduce((sum, step) => sum + step.value, 0);
          const scale = 100 / Math.max(answer.roundTrip, 0.001);
          return <rect key={name} class={`step-${place}`} x={before * scale} y="0" width={value * scale} height="4" />;
        })}
      </svg>
      <dl>
        {steps.map(({ name, value }, place) => (
          <div key={name}>
            <dt>
              <i class={`step-${place}`} />
              {name}
            </dt>
            <dd>{milliseconds(value)}</dd>
          </div>
        ))}
        <div>
          <dt>compared at full precision</dt>
          <dd>{count(candidates)}</dd>
        </div>
        {words !== undefined && (
          <div>
            <dt>match a keyword</dt>
            <dd>{count(words.matching)}</dd>
          </div>
        )}
        {matching !== null && (
          <div>
            <dt>match the filter</dt>
            <dd>{count(matching)}</dd>
          </div>
        )}
      </dl>
    </details>
  );
}
