import type { Library } from "@arrwdb/protocol/documents/model";
import { JsonColumn } from "../../engine/rows/json-column.ts";
import { integer, type Row, text } from "../../engine/rows/row-values.ts";

type LibrarySettings = Omit<Library, "id" | "name" | "num_documents" | "num_chunks" | "seq">;

const settingsColumn = new JsonColumn<LibrarySettings>();

export const libraryColumns =
  "library, number, name, settings, num_documents, num_chunks, seq, earliest_seq, changed_at";

export const readLibrary = {
  name: "library",
  text: `SELECT ${libraryColumns} FROM arrwdb.libraries WHERE library = $1 AND deleted_at IS NULL`,
};

/** A library as stored. */
export interface LoggedLibrary {
  /** In the order of creation. */
  readonly number: number;
  readonly library: Library;
  /** Events after this position are all retained. */
  readonly earliestSeq: number;
  /** Time of its last change. */
  readonly changedAt: string;
}

export function toLoggedLibrary(row: Row): LoggedLibrary {
  return {
    number: integer(row, "number"),
    library: {
      ...settingsColumn.decode(text(row, "settings")),
      id: text(row, "library"),
      name: text(row, "name"),
      num_documents: integer(row, "num_documents"),
      num_chunks: integer(row, "num_chunks"),
      seq: integer(row, "seq"),
    },
    earliestSeq: integer(row, "earliest_seq"),
    changedAt: text(row, "changed_at"),
  };
}

export function settingsOf(library: Library): string {
  const { description, embedding_model, dimension, language, index, events, created_at } = library;
  return settingsColumn.encode({ description, embedding_model, dimension, language, index, events, created_at });
}
