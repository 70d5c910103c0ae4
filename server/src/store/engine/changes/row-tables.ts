import type { TextTable } from "../text/text-table.ts";
import type { ChunksTable } from "../rows/chunks-table.ts";
import type { DocumentsTable } from "../rows/documents-table.ts";
import type { LibrariesTable } from "../rows/libraries-table.ts";

/** The tables that searches read. */
export interface RowTables {
  readonly libraries: LibrariesTable;
  readonly documents: DocumentsTable;
  readonly chunks: ChunksTable;
  readonly texts: TextTable;
}
