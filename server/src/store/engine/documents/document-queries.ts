import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import type { Filter } from "@arrwdb/protocol/filter/filter";
import type { Steps } from "../../../scheduling/steps.ts";
import type { DocumentCount, DocumentListing } from "../../document-store.ts";
import { documentOrder, sortValue, type SortedDocument } from "../../document-sort.ts";
import { summaryRecord } from "../../filter-record.ts";
import type { Page } from "../../page.ts";
import type { CallOf } from "../threads/thread-messages.ts";
import type { DocumentRow, DocumentsTable } from "../rows/documents-table.ts";
import type { LibraryRow } from "../rows/libraries-table.ts";
import { AwaitsDocuments } from "./awaits-documents.ts";
import { placeOf } from "./document-columns.ts";
import type { DocumentIndexes } from "./document-indexes.ts";
import type { DocumentMatching, DocumentOperations, MatchedDocuments } from "./document-messages.ts";
import { ListCursor } from "./list-cursor.ts";
import { Smallest } from "../../../util/smallest.ts";
import type { LibrariesTable } from "../rows/libraries-table.ts";

export type DocumentQuery = CallOf<DocumentOperations>;

/** Tables of one snapshot of the database. */
export interface DocumentTables {
  readonly libraries: LibrariesTable;
  readonly documents: DocumentsTable;
}

/** A document that passes. */
interface Match {
  readonly key: number;
  readonly seq: number;
  readonly chunks: number;
}

/** Documents looked at per step, and rows read per step. */
const lookedAtOnce = 1_024;
const readAtOnce = 16;

/**
 * Answers queries of documents in steps, as of the snapshot at their beginning. The index is used in the first step only,
 * when it agrees with the snapshot.
 */
export class DocumentQueries {
  readonly #indexes: DocumentIndexes;

  constructor(indexes: DocumentIndexes) {
    this.#indexes = indexes;
  }

  /** @throws AwaitsDocuments in the first step */
  *answer(tables: DocumentTables, query: DocumentQuery): Steps<DocumentOperations[DocumentQuery["operation"]]["give"]> {
    const row = tables.libraries.find(query.take.libraryId);
    switch (query.operation) {
      case "countDocuments":
        return yield* this.#count(tables, row, query.take.filter);
      case "matchDocuments":
        return yield* this.#match(tables, row, query.take);
      case "listDocuments":
        return yield* this.#list(tables, row, query.take);
    }
  }

  *#count(tables: DocumentTables, row: LibraryRow, filter: Filter | undefined): Steps<DocumentCount> {
    const { num_documents: all, num_chunks: allChunks, seq } = row.library;
    if (filter === undefined) return { documents: all, chunks: allChunks, seq };
    let documents = 0;
    let chunks = 0;
    yield* this.#visit(tables, row, filter, (match) => {
      documents++;
      chunks += match.chunks;
      return true;
    });
    return { documents, chunks, seq };
  }

  *#match(tables: DocumentTables, row: LibraryRow, take: DocumentMatching): Steps<MatchedDocuments> {
    const { filter, after, upTo = row.library.seq, limit } = take;
    const found: number[] = [];
    yield* this.#visit(tables, row, filter ?? {}, ({ seq }) => {
      if (seq <= after) return true;
      if (seq <= upTo) found.push(seq);
      return seq <= upTo && found.length <= limit;
    });
    return {
      seqs: Float64Array.from(found.slice(0, limit)),
      more: found.length > limit,
      seq: row.library.seq,
    };
  }

  *#list(tables: DocumentTables, row: LibraryRow, listing: DocumentListing): Steps<Page<DocumentSummary>> {
    const { filter, sort, limit, cursor } = listing;
    const position = new ListCursor(row.key, filter, sort);
    const after = cursor === undefined ? undefined : position.decode(cursor);
    const order = documentOrder(sort);
    const first = new Smallest<SortedDocument>(limit + 1, order);
    const add = (item: SortedDocument) => {
      if (after === undefined || order(item, after) > 0) first.add(item);
    };
    if (sort === undefined) {
      yield* this.#visit(tables, row, filter ?? {}, ({ key }) => {
        add({ key, value: undefined });
        return true;
      });
    } else {
      const matches: number[] = [];
      yield* this.#visit(tables, row, filter ?? {}, ({ key }) => matches.push(key) > 0);
      for (const [index, key] of matches.entries()) {
        add({ key, value: sortValue(summaryRecord(rowAt(tables, key).summary), sort) });
        if (index % readAtOnce === readAtOnce - 1) yield;
      }
    }
    const found = first.sorted();
    const last = found.length > limit ? found[limit - 1] : undefined;
    const items: DocumentSummary[] = [];
    for (const { key } of found.slice(0, limit)) {
      items.push(rowAt(tables, key).summary);
      if (items.length % readAtOnce === 0) yield;
    }
    return { items, nextCursor: last === undefined ? null : position.encode(last), seq: row.library.seq };
  }

  /** Visits the documents that pass, in the order of their last writes, until `visit` returns false. */
  *#visit(tables: DocumentTables, row: LibraryRow, filter: Filter, visit: (match: Match) => boolean): Steps<void> {
    const index = this.#indexes.get(row);
    const selection = index.select(filter, row.library.num_documents);
    // Evaluating the filter may have started to index a field.
    if (selection === undefined || index.awaits(filter)) throw new AwaitsDocuments(row.key, filter);
    const { numbers, keys, seqs, chunks, count } = index.columns();
    const atOnce = selection.exact ? lookedAtOnce : readAtOnce;
    const selected = selection.keys();
    let place = 0;
    for (const [visited, number] of selected.entries()) {
      place = placeOf(numbers, count, number, place);
      const key = keys[place] ?? 0;
      const passes = selection.exact || selection.passes(number, () => summaryRecord(rowAt(tables, key).summary));
      if (passes && !visit({ key, seq: seqs[place] ?? 0, chunks: chunks[place] ?? 0 })) return;
      if (visited % atOnce === atOnce - 1) yield;
    }
  }
}

function rowAt({ documents }: DocumentTables, key: number): DocumentRow {
  const row = documents.at(key);
  if (row === undefined) throw new Error(`Document ${key} is in the index but not in the table`);
  return row;
}
