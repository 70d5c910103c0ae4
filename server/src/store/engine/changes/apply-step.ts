import type { Library } from "@arrwdb/protocol/documents/model";
import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { LibraryRow } from "../rows/libraries-table.ts";
import type { ReplicaChange, ReplicaStep } from "./replica-step.ts";
import type { RowTables } from "./row-tables.ts";
import type { RowWriter } from "./row-writer.ts";

/** Positions of a library in keys of documents. */
const positions = 2 ** 36;

/** Applies a step to a library's replica, which is created if there is none. Changes that it already has do nothing. */
export function applyStep(tables: RowTables, rows: RowWriter, step: ReplicaStep): void {
  const before = rows.indexChanges.length;
  apply(tables, rows, step);
  if (!step.isPartial) return;
  const own = rows.indexChanges.splice(before);
  rows.indexChanges.push(...own.map((change) => ({ ...change, partial: true })));
}

function apply(tables: RowTables, rows: RowWriter, { library, changes, events }: ReplicaStep): void {
  let row =
    tables.libraries.peek(library.id) ?? rows.createLibrary({ ...library, num_documents: 0, num_chunks: 0, seq: 0 });
  for (const change of changes) row = applyChange(tables, rows, row, change);
  if (events.at(-1)?.type === "library.deleted") {
    rows.deleteLibrary(row, library.seq);
    return;
  }
  const reached = { ...row, library };
  if (settingsOf(row.library) === settingsOf(library)) rows.settle(reached);
  else rows.updateLibrary(reached);
}

const settingsOf = ({ num_documents: _documents, num_chunks: _chunks, seq: _seq, ...settings }: Library) =>
  stringifyExactly(settings);

function applyChange(tables: RowTables, rows: RowWriter, row: LibraryRow, change: ReplicaChange): LibraryRow {
  const id = change.type === "remove" ? change.documentId : change.summary.id;
  const before = tables.documents.find(row.key, id);
  switch (change.type) {
    case "put": {
      const { summary, chunks, added } = change;
      return rows.putDocument(row, { summary, chunks, key: row.key * positions + added }, before);
    }
    case "patch":
      if (before === undefined) throw new Error(`The replica lacks document ${id}, which was patched`);
      return rows.patchDocument(row, before, change.summary);
    case "remove":
      return before === undefined || before.summary.seq >= change.seq
        ? row
        : rows.deleteDocument(row, before, row.library.seq);
  }
}
