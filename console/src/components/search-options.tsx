import type { Signal } from "@preact/signals";

const hitCounts = [5, 10, 20, 50];

/** Search modes, and their names in the console. */
const modes = { vector: "Semantic", hybrid: "Hybrid", text: "Keyword" } as const;
export type SearchMode = keyof typeof modes;
const modeNames = ["vector", "hybrid", "text"] as const;

interface SearchOptionsProps {
  readonly mode: SearchMode;
  readonly onMode: (mode: SearchMode) => void;
  /** Whether the library has no model. */
  readonly wordsOnly: boolean;
  /** Whether the search is for what is similar to something. */
  readonly similar: boolean;
  readonly k: Signal<number>;
  readonly threshold: Signal<number>;
  /** Empty for no groups. */
  readonly groupField: Signal<string>;
  readonly fields: readonly string[];
  readonly live: Signal<boolean>;
  readonly canLive: boolean;
}

/** How to search. */
export function SearchOptions({ mode, onMode, wordsOnly, similar, ...options }: SearchOptionsProps) {
  const { k, threshold, groupField, fields, live, canLive } = options;
  return (
    <>
      <fieldset class="switch">
        <legend class="unseen">Search by</legend>
        {modeNames.map((one) => (
          <label key={one}>
            <input
              type="radio"
              name="mode"
              value={one}
              checked={mode === one}
              disabled={similar ? one !== "vector" : wordsOnly && one !== "text"}
              onChange={() => onMode(one)}
            />
            <span>{modes[one]}</span>
          </label>
        ))}
      </fieldset>
      {wordsOnly && !similar && (
        <p class="hint">This library has no embedding model, so texts are searched by keyword.</p>
      )}
      <div class="pair">
        <label class="field">
          Hits
          <select value={k.value} onChange={({ currentTarget }) => (k.value = Number(currentTarget.value))}>
            {hitCounts.map((number) => (
              <option key={number}>{number}</option>
            ))}
          </select>
        </label>
        <label class="field">
          Group by
          <select value={groupField.value} onChange={({ currentTarget }) => (groupField.value = currentTarget.value)}>
            <option value="">nothing</option>
            <option value="document_id">document</option>
            {fields.map((field) => (
              <option key={field} value={field}>
                {field}
              </option>
            ))}
          </select>
        </label>
      </div>
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
      <label class="check" title={canLive ? undefined : "Live queries are semantic searches for a text"}>
        <input
          type="checkbox"
          checked={live.value && canLive}
          disabled={!canLive}
          onChange={({ currentTarget }) => (live.value = currentTarget.checked)}
        />
        Update live as the library changes
      </label>
    </>
  );
}
