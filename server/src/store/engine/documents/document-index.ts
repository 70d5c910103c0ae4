import type { Filter, FilterRecord } from "@arrwdb/protocol/filter/filter";
import { summaryRecord } from "../../filter-record.ts";
import type { DocumentChange } from "../changes/index-change.ts";
import { LibraryMetadata } from "../index/library-metadata.ts";
import type { ChunkRecord } from "../metadata-index/metadata-index.ts";
import type { Selection } from "../metadata-index/row-selection.ts";
import type { DocumentPlace, DocumentsTable } from "../rows/documents-table.ts";
import { DocumentColumns, type FrozenColumns } from "./document-columns.ts";

const noFields: FilterRecord = { server: {}, metadata: {} };

/**
 * The documents of one library by the fields that filters can test: the metadata index over documents in place of chunks.
 * Each write of a document is an entry of its own, so an entry never changes.
 */
export class DocumentIndex {
  readonly #documents: DocumentsTable;
  readonly #columns = new DocumentColumns();
  readonly #metadata: LibraryMetadata;
  #isOpen = false;

  constructor(documents: DocumentsTable, library: number) {
    this.#documents = documents;
    this.#metadata = new LibraryMetadata({
      keysAfter: (_after, limit) => this.#open(library, limit),
      records: (after, limit) => this.#records(after, limit),
      record: (number) => {
        const [place] = this.#columns.after(number - 1);
        return place?.number === number ? this.#record(place) : undefined;
      },
    });
  }

  get bytes(): number {
    return this.#columns.bytes + this.#metadata.bytes;
  }

  apply({ added, removed }: DocumentChange): void {
    const number = removed === undefined ? undefined : this.#columns.remove(removed);
    if (number !== undefined) this.#metadata.remove([number]);
    // Otherwise it will be read, or was already, from tables that are ahead of the changes applied here.
    if (added !== undefined && this.#isOpen && added.seq > this.#columns.lastSeq)
      this.#metadata.add(this.#columns.add(added));
  }

  /** The documents that pass, by their numbers in the columns; undefined if not known yet. @see LibraryMetadata.select */
  select(filter: Filter, size: number): Selection | undefined {
    return this.#metadata.select(filter, size);
  }

  columns(): FrozenColumns {
    return this.#columns.frozen();
  }

  awaits(filter: Filter): boolean {
    return this.#metadata.awaits(filter);
  }

  /** Runs one slice of deferred work; returns whether it did any, or there is more. */
  work(): boolean {
    return this.#metadata.work();
  }

  /** Reads more of the documents; returns their numbers. */
  #open(library: number, limit: number): readonly number[] {
    const places = this.#documents.places(library, this.#columns.lastSeq, limit);
    if (places.length < limit) this.#isOpen = true;
    return places.map((place) => this.#columns.add(place));
  }

  #records(after: number, limit: number): readonly ChunkRecord[] {
    return this.#columns
      .after(after)
      .take(limit)
      .map((place) => ({ key: place.number, record: this.#record(place) ?? noFields }))
      .toArray();
  }

  /** Undefined if a later commit, not applied here yet, has written the document again or removed it. */
  #record({ key, seq }: DocumentPlace): FilterRecord | undefined {
    const row = this.#documents.at(key);
    return row?.summary.seq === seq ? summaryRecord(row.summary) : undefined;
  }
}
