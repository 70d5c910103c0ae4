import type { DatabaseSync } from "node:sqlite";
import type { Library } from "@arrwdb/protocol/documents/model";
import type { ExportedDocument } from "../../library-export.ts";
import { ChunksTable } from "../rows/chunks-table.ts";
import { openReader } from "../rows/database-reader.ts";
import { type DocumentRow, DocumentsTable } from "../rows/documents-table.ts";
import { LibrariesTable } from "../rows/libraries-table.ts";
import type { VectorsTable } from "../rows/vectors-table.ts";
import { wholeDocument } from "../rows/whole-document.ts";

/** Bytes of texts and vectors per page; the last document may exceed it. */
const pageBytes = 256 * 1024;

const sizeOf = ({ document, vectors }: ExportedDocument) =>
  vectors.reduce((sum, vector) => sum + vector.byteLength, document.text.length);

/** One library, read in one transaction, so that everything comes from the same snapshot. */
export class LibraryReading {
  readonly library: Library;
  readonly #database: DatabaseSync;
  readonly #chunks: ChunksTable;
  readonly #vectors: VectorsTable;
  readonly #rows: Generator<DocumentRow>;

  /** @throws ArrwError `library_not_found` */
  constructor(directory: string, libraryId: string) {
    this.#database = openReader(directory);
    this.#database.exec("BEGIN");
    this.#chunks = new ChunksTable(this.#database);
    const { key, library, space } = new LibrariesTable(this.#database).find(libraryId);
    this.library = library;
    this.#vectors = this.#chunks.inSpace(space);
    this.#rows = new DocumentsTable(this.#database).all(key);
  }

  /** The next documents; empty at the end. */
  next(): readonly ExportedDocument[] {
    const page: ExportedDocument[] = [];
    let bytes = 0;
    while (bytes < pageBytes) {
      const { done, value } = this.#rows.next();
      if (done === true) break;
      const document = wholeDocument(this.#chunks, value);
      const exported = { document, vectors: this.#vectors.ofDocument(value.key) };
      bytes += sizeOf(exported);
      page.push(exported);
    }
    return page;
  }
}
