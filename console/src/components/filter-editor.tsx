import { type Signal, signal, useSignal } from "@preact/signals";
import { type Filter, stringifyJson } from "arrwdb-client";
import { type CheckedFilter, type FilterRow, filterOfRows, filterOfText, rowOperators } from "../filter-rows.ts";
import { Icon } from "./icon.tsx";

/** What is filled in, which may be no filter yet, and the filter that it was last. */
export interface FilterDraft {
  readonly rows: Signal<readonly FilterRow[]>;
  readonly text: Signal<string>;
  readonly asJson: Signal<boolean>;
  readonly filter: Signal<Filter | undefined>;
}

interface FilterEditorProps {
  readonly draft: FilterDraft;
  /** Fields to suggest. */
  readonly fields: readonly string[];
}

let rowsMade = 0;
const emptyRow = (): FilterRow => ({ key: rowsMade++, field: "", operator: "=", value: "" });

export const emptyDraft = (): FilterDraft => ({
  rows: signal([emptyRow()]),
  text: signal(""),
  asJson: signal(false),
  filter: signal(undefined),
});

/** Rows that the builder offers; more is for JSON. */
const mostRows = 8;

/** A filter, by filling in conditions or as JSON. An invalid one is reported here, and not sent. */
export function FilterEditor({ draft, fields }: FilterEditorProps) {
  const { rows, text, asJson } = draft;
  const fault = useSignal("");

  const use = (checked: CheckedFilter) => {
    fault.value = "fault" in checked ? checked.fault : "";
    if ("filter" in checked) draft.filter.value = checked.filter;
  };
  const setRows = (next: readonly FilterRow[]) => {
    rows.value = next.length === 0 ? [emptyRow()] : next;
    use(filterOfRows(rows.value));
  };
  const setText = (next: string) => {
    text.value = next;
    use(filterOfText(next));
  };
  const change = (changed: FilterRow) => setRows(rows.value.map((row) => (row.key === changed.key ? changed : row)));
  const toJson = () => {
    const checked = filterOfRows(rows.value);
    asJson.value = true;
    setText("filter" in checked && checked.filter !== undefined ? stringifyJson(checked.filter, 2) : "");
  };
  const toRows = () => {
    asJson.value = false;
    setRows(rows.value);
  };

  return (
    <fieldset class="filter">
      <legend>Filter</legend>
      <datalist id="filter-fields">
        {fields.map((field) => (
          <option key={field} value={field} />
        ))}
      </datalist>
      {asJson.value ? (
        <textarea
          aria-label="Filter as JSON"
          aria-invalid={fault.value !== ""}
          aria-describedby="filter-fault"
          rows={4}
          spellcheck={false}
          placeholder='{"year": {"$gte": 2000}}'
          value={text.value}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
        />
      ) : (
        rows.value.map((row) => (
          <Row
            key={row.key}
            row={row}
            onChange={change}
            onRemove={() => setRows(rows.value.filter((one) => one !== row))}
          />
        ))
      )}
      <p class="actions">
        {!asJson.value && rows.value.length < mostRows && (
          <button type="button" class="quiet" onClick={() => setRows([...rows.value, emptyRow()])}>
            <Icon name="plus" />
            Condition
          </button>
        )}
        <button type="button" class="quiet" onClick={asJson.value ? toRows : toJson}>
          {asJson.value ? "Conditions" : "As JSON"}
        </button>
      </p>
      <p id="filter-fault" class={fault.value === "" ? "unseen" : "alert"} role="status">
        {fault.value}
      </p>
    </fieldset>
  );
}

interface RowProps {
  readonly row: FilterRow;
  readonly onChange: (row: FilterRow) => void;
  readonly onRemove: () => void;
}

function Row({ row, onChange, onRemove }: RowProps) {
  return (
    <div class="filter-row">
      <input
        aria-label="Field"
        placeholder="field"
        list="filter-fields"
        value={row.field}
        onInput={({ currentTarget }) => onChange({ ...row, field: currentTarget.value })}
      />
      <select
        aria-label="Condition"
        value={row.operator}
        onChange={({ currentTarget }) => {
          const operator = rowOperators.find((one) => one === currentTarget.value);
          if (operator !== undefined) onChange({ ...row, operator });
        }}
      >
        {rowOperators.map((operator) => (
          <option key={operator}>{operator}</option>
        ))}
      </select>
      <input
        aria-label="Value"
        placeholder="value"
        value={row.value}
        onInput={({ currentTarget }) => onChange({ ...row, value: currentTarget.value })}
      />
      <button type="button" class="quiet" aria-label="Remove this condition" onClick={onRemove}>
        <Icon name="close" />
      </button>
    </div>
  );
}
