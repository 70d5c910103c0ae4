import { signal } from "@preact/signals";
import type { LibraryHandle } from "arrwdb-client";
import { useEffect } from "preact/hooks";
import { Alert } from "../components/alert.tsx";
import { announce } from "../components/announcer.tsx";
import { ChoiceChips } from "../components/choice-chips.tsx";
import { type CountedField, FacetPanel } from "../components/facet-panel.tsx";
import { emptyDraft, FilterEditor } from "../components/filter-editor.tsx";
import { fieldsOfHit } from "../components/hit.tsx";
import { type SearchRequest, useSearch } from "../components/search-as-you-type.ts";
import { type SearchMode, SearchOptions } from "../components/search-options.tsx";
import { SearchPlan } from "../components/search-plan.tsx";
import { SearchResults } from "../components/search-results.tsx";
import { SidePanel } from "../components/side-panel.tsx";
import { likeOf, SimilarTo } from "../components/similar-to.tsx";
import { plural } from "../format.ts";
import { type FacetChoice, narrowed } from "../narrowing.ts";
import { knownFields, noteFields } from "../state/known-fields.ts";
import { hasWordsOnly, watchedLibrary } from "../state/libraries.ts";
import { perLibrary } from "../state/per-library.ts";
import { lacking } from "../state/permission.ts";
import { addressOf, go, type Item } from "../state/route.ts";
import { addSamples } from "../state/samples.ts";

/** Hits of each group. */
const groupHits = 3;
const maxDistance = 2;

const formOf = perLibrary(() => ({
  text: signal(""),
  k: signal(10),
  chosen: signal<SearchMode>("vector"),
  threshold: signal(maxDistance),
  draft: emptyDraft(),
  counted: signal<readonly CountedField[]>([]),
  choices: signal<readonly FacetChoice[]>([]),
  groupField: signal(""),
  live: signal(false),
}));

/** Search as you type, or by what is similar. */
export function SearchView({ handle, item }: { readonly handle: LibraryHandle; readonly item: Item }) {
  const like = likeOf(item);
  const { text, k, chosen, threshold, draft, counted, choices, groupField, live } = formOf(handle.id);
  const { filter } = draft;
  const wordsOnly = hasWordsOnly(handle.id);
  const mode = like !== undefined ? "vector" : wordsOnly ? "text" : chosen.value;
  // Live queries are searches by the vector of a text.
  const canLive = mode === "vector" && like === undefined;

  const request: SearchRequest = {
    ...(like === undefined ? { query: text.value } : {}),
    ...(like === undefined
      ? {}
      : { like: like.chunkId === undefined ? { document_id: like.documentId } : { chunk_id: like.chunkId } }),
    k: k.value,
    mode,
    metadata_filter: narrowed(filter.value, choices.value),
    ...(counted.value.length > 0 ? { facets: [...counted.value] } : {}),
    ...(groupField.value === "" ? {} : { group_by: { field: groupField.value, hits: groupHits } }),
    ...(threshold.value < maxDistance && mode !== "text" ? { distance_threshold: threshold.value } : {}),
  };
  // A field's own values are counted without its choices, so that others can be chosen beside them.
  const also = counted.value.flatMap((field): SearchRequest[] => {
    const others = choices.value.filter((choice) => choice.field !== field.field);
    if (others.length === choices.value.length) return [];
    const metadata_filter = narrowed(filter.value, others);
    return [{ ...request, k: 1, group_by: undefined, facets: [field], metadata_filter }];
  });
  const asksNothing = like === undefined && text.value.trim() === "";
  const asked = asksNothing ? undefined : { request, also, live: live.value && canLive };
  const { answer, error, busy } = useSearch(handle, asked);
  const found = answer.value;
  useEffect(() => {
    if (found === undefined) return;
    noteFields(
      handle.id,
      found.results.flatMap((hit) => fieldsOfHit(hit).map(({ path }) => path)),
    );
    announce(`${plural(found.total, "hit")}${found.query === "" ? "" : ` for ${found.query}`}`);
  }, [found]);
  const type = (typed: string) => {
    if (like !== undefined) go(addressOf.library(handle.id));
    text.value = typed;
  };
  const explanation = found?.timing?.explanation;
  return (
    <div class="columns with-side">
      <div>
        <form role="search" onSubmit={(event) => event.preventDefault()}>
          <input
            class="query"
            type="search"
            aria-label="Search"
            placeholder="Search"
            autocomplete="off"
            maxLength={10_000}
            value={like === undefined ? text.value : ""}
            onInput={({ currentTarget }) => type(currentTarget.value)}
          />
        </form>
        {like !== undefined && <SimilarTo handle={handle} like={like} />}
      </div>
      <SidePanel title="Options, filter and facets">
        <SearchOptions
          mode={mode}
          wordsOnly={wordsOnly}
          similar={like !== undefined}
          onMode={(next) => (chosen.value = next)}
          k={k}
          threshold={threshold}
          groupField={groupField}
          fields={knownFields(handle.id)}
          live={live}
          canLive={canLive}
        />
        <FacetPanel
          known={["document_id", ...knownFields(handle.id)]}
          counted={counted.value}
          onCounted={(next) => (counted.value = next)}
          facets={found?.facets}
          choices={choices.value}
          onChoices={(next) => (choices.value = next)}
        />
        <FilterEditor draft={draft} fields={knownFields(handle.id)} />
        {explanation !== undefined && (
          <SearchPlan explanation={explanation} roundTrip={found?.timing?.roundTrip ?? 0} />
        )}
      </SidePanel>
      <div>
        <ChoiceChips choices={choices.value} onChoices={(next) => (choices.value = next)} />
        <Alert text={error.value} />
        {found !== undefined && (
          <SearchResults handle={handle} answer={found} field={groupField.value} busy={busy.value} />
        )}
        {found === undefined && busy.value && <p class="hint">Searching…</p>}
        {asksNothing && <Beginning handle={handle} />}
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
