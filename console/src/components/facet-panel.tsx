import type { Facet, Facets } from "arrwdb-client";
import { limits } from "@arrwdb/protocol/limits";
import { count } from "../format.ts";
import { type FacetChoice, isChosen, toggled, valueText } from "../narrowing.ts";
import { Icon } from "./icon.tsx";

/** A field that is counted, and how many of its values are listed. */
export interface CountedField {
  readonly field: string;
  readonly limit: number;
}

const fewValues = 8;
const manyValues = 100;

interface FacetPanelProps {
  /** Fields that occur in what was found. */
  readonly known: readonly string[];
  readonly counted: readonly CountedField[];
  readonly onCounted: (fields: readonly CountedField[]) => void;
  /** Counts of the current answer; undefined while there is none. */
  readonly facets: Facets | undefined;
  readonly choices: readonly FacetChoice[];
  readonly onChoices: (choices: readonly FacetChoice[]) => void;
}

/** Counts of the values of chosen fields; a value narrows the search, and widens it again. */
export function FacetPanel({ known, counted, onCounted, facets, choices, onChoices }: FacetPanelProps) {
  const others = known.filter((name) => counted.every(({ field }) => field !== name));
  const remove = (field: string) => {
    onCounted(counted.filter((one) => one.field !== field));
    if (choices.some((choice) => choice.field === field)) onChoices(choices.filter((choice) => choice.field !== field));
  };
  const more = (field: string) =>
    onCounted(counted.map((one) => (one.field === field ? { field, limit: manyValues } : one)));
  return (
    <section class="facets" aria-label="Facets">
      {counted.map(({ field, limit }) => (
        <fieldset key={field}>
          <legend>
            <span class="name" title={field}>
              {field}
            </span>
            <button type="button" class="quiet" aria-label={`Do not count ${field}`} onClick={() => remove(field)}>
              <Icon name="close" />
            </button>
          </legend>
          <FacetValues
            facet={facets?.[field]}
            field={field}
            choices={choices}
            onToggle={(choice) => onChoices(toggled(choices, choice))}
            onMore={limit < manyValues ? () => more(field) : undefined}
          />
        </fieldset>
      ))}
      {counted.length < limits.facetFields && (
        <label class="field">
          Count the values of
          <select
            value=""
            disabled={others.length === 0}
            onChange={({ currentTarget }) => {
              const { value } = currentTarget;
              if (value !== "") onCounted([...counted, { field: value, limit: fewValues }]);
              currentTarget.value = "";
            }}
          >
            <option value="">{others.length === 0 ? "search for something first" : "choose a field"}</option>
            {others.map((field) => (
              <option key={field} value={field}>
                {field}
              </option>
            ))}
          </select>
        </label>
      )}
    </section>
  );
}

interface FacetValuesProps {
  readonly facet: Facet | undefined;
  readonly field: string;
  readonly choices: readonly FacetChoice[];
  readonly onToggle: (choice: FacetChoice) => void;
  readonly onMore: (() => void) | undefined;
}

function FacetValues({ facet, field, choices, onToggle, onMore }: FacetValuesProps) {
  const listed: readonly (FacetChoice & { readonly count: number | undefined })[] = [
    ...(facet?.values ?? []).map(({ value, count: chunks }) => ({ field, value, count: chunks })),
    ...(facet !== undefined && facet.missing > 0 ? [{ field, value: null, count: facet.missing }] : []),
  ];
  // What was chosen can be taken back even if nothing found has it.
  const absent = choices
    .filter((choice) => choice.field === field && !isChosen(listed, choice))
    .map((choice) => ({ ...choice, count: facet === undefined ? undefined : 0 }));
  const values = [...listed, ...absent];
  const most = Math.max(1, ...values.map((one) => one.count ?? 0));
  if (facet !== undefined && values.length === 0) return <p class="hint">No chunk has a value.</p>;
  return (
    <>
      <ul>
        {values.map(({ value, count: chunks }) => (
          <li key={`${typeof value} ${String(value)}`}>
            <button
              type="button"
              class={value === null ? "facet-value none" : "facet-value"}
              aria-pressed={isChosen(choices, { field, value })}
              title={valueText(value)}
              onClick={() => onToggle({ field, value })}
            >
              <span class="name">{valueText(value)}</span>
              <span class="number">{chunks === undefined ? "…" : count(chunks)}</span>
              <svg viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true" focusable="false">
                <rect width={((chunks ?? 0) / most) * 100} height="2" />
              </svg>
            </button>
          </li>
        ))}
      </ul>
      {facet !== undefined && facet.others > 0 && (
        <p class="hint">
          {count(facet.others)} with other values
          {onMore !== undefined && (
            <button type="button" class="link" aria-label={`More values of ${field}`} onClick={onMore}>
              More
            </button>
          )}
        </p>
      )}
    </>
  );
}
