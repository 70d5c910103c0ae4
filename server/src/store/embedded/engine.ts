import type { DatabaseSync } from "node:sqlite";
import { ArrwError } from "@arrwdb/protocol/errors";
import type { LibraryEvent } from "@arrwdb/protocol/events";
import { openDatabase } from "./database.ts";
import { toErrorData } from "./error-data.ts";
import { IndexRegistry } from "./index-registry.ts";
import type { Log, Operation, Operations, Outcome, Request, StoreStatistics, ThreadSettings } from "./messages.ts";
import { Searcher } from "./searcher.ts";
import { SnapshotFiles } from "./snapshot-files.ts";
import { Tables } from "./tables.ts";
import { type IndexChange, Writer } from "./writer.ts";

const writeOperations = [
  "createLibrary",
  "updateLibrary",
  "deleteLibrary",
  "writeDocuments",
  "deleteDocument",
  "rememberEmbeddings",
] as const;
type WriteOperation = (typeof writeOperations)[number];
export type WriteRequest = Extract<Request, { operation: WriteOperation }>;
export type SearchRequest = Extract<Request, { operation: "search" }>;
export type ReadRequest = Exclude<Request, WriteRequest | SearchRequest | { operation: "close" }>;

/** Rows of a deleted library that are removed at a time. */
const purgeSlice = 500;

export function isWrite(request: Request): request is WriteRequest {
  return writeOperations.some((name) => name === request.operation);
}

export type Answer = (request: Request, outcome: Outcome<unknown>) => void;

/** SQLite and the indexes, as the thread runs them: everything here is synchronous. */
export class Engine {
  readonly #database: DatabaseSync;
  readonly #tables: Tables;
  readonly #indexes: IndexRegistry;
  readonly #searcher: Searcher;
  readonly #log: Log;
  #commits = 0;
  #writes = 0;
  #purging = true;
  #migrating = true;

  constructor(settings: ThreadSettings, log: Log) {
    this.#log = log;
    this.#database = openDatabase(settings.directory, settings.maxBytes);
    this.#tables = new Tables(this.#database);
    this.#indexes = new IndexRegistry(this.#tables, new SnapshotFiles(settings.directory), settings.thresholds, log);
    this.#searcher = new Searcher(this.#tables, this.#indexes);
    this.#indexes.recover();
  }

  /** Commits writes together, with one fsync. Where that fails, each has its own transaction, so that none pays for another. */
  write(requests: readonly WriteRequest[], answer: Answer, publish: (events: readonly LibraryEvent[]) => void): void {
    try {
      const { outcomes, writer } = this.#transaction((inside) =>
        requests.map((request) => applySafely(inside, this.#tables, request)),
      );
      this.#commits++;
      this.#writes += requests.length;
      this.#index(writer.indexChanges);
      if (writer.events.length > 0) publish(writer.events);
      for (const [index, request] of requests.entries()) {
        const outcome = outcomes[index];
        if (outcome !== undefined) answer(request, outcome);
      }
    } catch (error) {
      if (requests.length === 1 && requests[0] !== undefined) answer(requests[0], { error: toErrorData(error) });
      else for (const request of requests) this.write([request], answer, publish);
    }
  }

  /** Answers searches; those of one library together. */
  search(requests: readonly SearchRequest[], answer: Answer): void {
    for (const [libraryId, group] of Map.groupBy(requests, ({ take }) => take.libraryId)) {
      try {
        const found = this.#searcher.search(
          libraryId,
          group.map(({ take }) => take.search),
        );
        for (const [index, request] of group.entries()) answer(request, { value: found[index] });
      } catch (error) {
        if (group.length === 1 && group[0] !== undefined) answer(group[0], { error: toErrorData(error) });
        else for (const request of group) this.search([request], answer);
      }
    }
  }

  read(request: ReadRequest, answer: Answer): void {
    try {
      answer(request, { value: this.#read(request) });
    } catch (error) {
      answer(request, { error: toErrorData(error) });
    }
  }

  /** Does one slice of what can wait; tells whether there is more. */
  work(): boolean {
    try {
      this.#migrating = this.#indexes.work();
    } catch (error) {
      this.#migrating = false;
      this.#log("error", "an index could not grow", { reason: String(error) });
    }
    return this.#migrating || this.#purge();
  }

  close(): void {
    this.#indexes.saveAll();
    this.#database.close();
  }

  #read(request: ReadRequest): Operations[ReadRequest["operation"]]["give"] {
    const { libraries, documents, chunks, events, ledger } = this.#tables;
    switch (request.operation) {
      case "getLibrary":
        return libraries.find(request.take.id).library;
      case "listLibraries":
        return libraries.page(request.take);
      case "getDocument": {
        const { key, library } = libraries.find(request.take.libraryId);
        const found = documents.find(key, request.take.documentId);
        if (found === undefined) {
          throw new ArrwError("document_not_found", `The library has no document ${request.take.documentId}`);
        }
        const parts = chunks.ofDocument(found.key);
        const document = { ...found.summary, text: parts.map(({ text }) => text).join("\n\n"), chunks: parts };
        return { document, seq: library.seq };
      }
      case "listDocuments": {
        const { key, library } = libraries.find(request.take.libraryId);
        return documents.page(key, library.seq, request.take.page);
      }
      case "readEvents": {
        const { key } = libraries.find(request.take.libraryId);
        return events.after(key, request.take.afterSeq, request.take.limit);
      }
      case "recallEmbeddings": {
        const { model, hashes } = request.take;
        return hashes.map((hash) => ledger.find(model, hash));
      }
      case "statistics":
        return this.#statistics();
    }
  }

  #statistics(): StoreStatistics {
    return { commits: this.#commits, writes: this.#writes, purging: this.#purging, migrating: this.#migrating };
  }

  #transaction<Value>(run: (writer: Writer) => Value): { readonly outcomes: Value; readonly writer: Writer } {
    const writer = new Writer(this.#tables);
    this.#database.exec("BEGIN IMMEDIATE");
    try {
      const outcomes = run(writer);
      this.#database.exec("COMMIT");
      return { outcomes, writer };
    } catch (error) {
      if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
      throw error;
    }
  }

  /** The commit stands whatever happens here: an index that fails is made again from the tables. */
  #index(changes: readonly IndexChange[]): void {
    const caughtUp = new Set<number>();
    for (const { row, added, removed, dropped } of changes) {
      if (dropped) {
        this.#indexes.forget(row.key);
        this.#purging = true;
        continue;
      }
      if (caughtUp.has(row.key)) continue;
      try {
        const opened = this.#indexes.peek(row.key);
        if (opened === undefined) {
          // Opening reads the tables, which hold every change of this transaction already.
          this.#indexes.get(row);
          caughtUp.add(row.key);
          continue;
        }
        opened.remove(removed);
        for (const { key, vector } of added) opened.add(key, vector);
      } catch (error) {
        this.#log("error", "an index failed and will be rebuilt", { library: row.library.id, reason: String(error) });
        this.#indexes.forget(row.key);
      }
    }
  }

  #purge(): boolean {
    if (!this.#purging) return false;
    const key = this.#tables.libraries.nextDeleted();
    this.#purging = key !== undefined;
    if (key === undefined) return false;
    try {
      this.#transaction(() => {
        const { chunks, documents, events, libraries } = this.#tables;
        const removed =
          chunks.purge(key, purgeSlice) || documents.purge(key, purgeSlice) || events.purge(key, purgeSlice);
        if (removed === 0) libraries.remove(key);
      });
    } catch (error) {
      // Goes on at the next deletion or start; until then the rows are unseen, and only take space.
      this.#purging = false;
      this.#log("warn", "a deleted library could not be purged", { reason: String(error) });
    }
    return this.#purging;
  }
}

/** A request that is refused is its own outcome; a failing disk is for the whole transaction. */
function applySafely(writer: Writer, tables: Tables, request: WriteRequest): Outcome<unknown> {
  try {
    return { value: apply(writer, tables, request) };
  } catch (error) {
    if (error instanceof ArrwError) return { error: toErrorData(error) };
    throw error;
  }
}

function apply(writer: Writer, tables: Tables, request: WriteRequest): Operations[WriteOperation & Operation]["give"] {
  switch (request.operation) {
    case "createLibrary":
      return writer.createLibrary(request.take);
    case "updateLibrary":
      return writer.updateLibrary(request.take);
    case "deleteLibrary":
      return writer.deleteLibrary(request.take.id);
    case "writeDocuments":
      return writer
        .writeDocuments(request.take.libraryId, request.take.documents)
        .map((settled) => ("error" in settled ? { error: toErrorData(settled.error) } : settled));
    case "deleteDocument":
      return writer.deleteDocument(request.take.libraryId, request.take.documentId);
    case "rememberEmbeddings":
      tables.ledger.insert(request.take.model, request.take.entries);
      return undefined;
  }
}
