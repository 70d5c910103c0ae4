import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { DocumentSource } from "./ingestion/batches.ts";
import { Connection } from "./connection/connection.ts";
import type { ConnectionState } from "./connection/connection-states.ts";
import { EventFeed, type EventOptions } from "./subscriptions/event-feed.ts";
import { pathSegment } from "./requests/path-segment.ts";
import {
  type DeleteMatchingOptions,
  deleteMatching,
  type PatchMatchingOptions,
  patchMatching,
} from "./requests/matching.ts";
import { exportLibrary } from "./requests/export.ts";
import type { Http } from "./requests/http.ts";
import { batchSettingsOf, ingest, type IngestOptions } from "./ingestion/ingestion.ts";
import { type LiveOptions, LiveQuery } from "./subscriptions/live-query.ts";
import type { RequestOptions, ClientSettings } from "./options.ts";
import type {
  DeleteOptions,
  DocumentOptions,
  DocumentPageOptions,
  DocumentsOptions,
  EventPageOptions,
  LibraryHandleOptions,
} from "./library-options.ts";
import { LibrarySearches } from "./requests/library-searches.ts";
import { allItems } from "./requests/pages.ts";
import { refuseLostValues } from "./requests/lost-values.ts";
import { Reembeddings } from "./requests/reembeddings.ts";
import { Room, type RoomOptions } from "./rooms/room.ts";
import { Webhooks } from "./requests/webhooks.ts";
import type { HitWith, AnyLiveQuery, ChosenLiveQuery } from "./chosen-hits.ts";
import type {
  Document,
  DocumentCount,
  DocumentDeleted,
  DocumentInput,
  DocumentPatch,
  DocumentList,
  DocumentsDeleted,
  DocumentsPatched,
  DocumentSummary,
  DocumentWritten,
  EventPage,
  ExportLine,
  Filter,
  HitField,
  Library,
  LibraryStatistics,
  LineResult,
  LiveHit,
  LiveQueryInput,
  SocketSearchHit,
} from "./wire.ts";

/**
 * One library. Creating a handle sends nothing; the WebSocket that `events`, `live` and `room` share is opened when
 * the first of them needs it, and closed when none does. Each method throws `ArrwClientError`, or the signal's reason.
 */
export class LibraryHandle extends LibrarySearches {
  /** As it was given: its id, or its name. */
  readonly id: string;
  /** Webhooks of this library. */
  readonly webhooks: Webhooks;
  /** Re-embedding with another model. */
  readonly reembedding: Reembeddings;
  readonly #path: string;
  readonly #http: Http;
  readonly #settings: ClientSettings;
  readonly #connection: Connection;

  /** @internal */
  constructor({ http, settings, id, closed }: LibraryHandleOptions) {
    const path = `/v1/libraries/${encodeURIComponent(id)}`;
    super(http, path);
    this.id = id;
    this.#path = path;
    this.webhooks = new Webhooks(http, this.#path);
    this.reembedding = new Reembeddings(http, this.#path);
    this.#http = http;
    this.#settings = settings;
    this.#connection = new Connection(settings, `${settings.url.replace(/^http/, "ws")}${this.#path}/ws`, closed);
  }

  /** The state of the WebSocket. */
  get connection(): ConnectionState {
    return this.#connection.state;
  }

  async info(options: RequestOptions = {}): Promise<Library> {
    return this.#http.json("GET", this.#path, options);
  }

  /** The index, searches since the server started, and measured recall. */
  async statistics(options: RequestOptions = {}): Promise<LibraryStatistics> {
    return this.#http.json("GET", `${this.#path}/stats`, options);
  }

  /**
   * Stores a document; an existing one with the same `id` is replaced. When it resolves, a search finds it. With
   * `if_seq`, throws `seq_mismatch` unless the existing document has this `seq`; 0 means that there is none.
   *
   * @example
   * ```ts
   * const { document } = await library.add({ title: "Payment", texts: ["You can pay by card."], views: 120 });
   * console.log(document.id);
   * ```
   */
  async add(document: DocumentInput, options: RequestOptions = {}): Promise<DocumentWritten> {
    return this.#http.json("POST", `${this.#path}/documents`, { ...options, body: document });
  }

  /** Stores a document under this id, replacing an existing one. */
  async put(id: string, document: DocumentInput, options: RequestOptions = {}): Promise<DocumentWritten> {
    return this.#http.json("PUT", this.#pathOf(id), { ...options, body: document });
  }

  /** A document with its text and chunks. */
  async get(id: string, { vectors, ...options }: DocumentOptions = {}): Promise<Document> {
    const request = { ...options, query: { vectors } };
    const answer: { readonly document: Document } = await this.#http.json("GET", this.#pathOf(id), request);
    return answer.document;
  }

  /**
   * Changes a document's fields without its texts: a JSON merge patch (RFC 7386), in which null removes a field, and
   * objects are merged. Nothing is embedded. When it resolves, a search sees it.
   *
   * @example
   * ```ts
   * const { document } = await library.add({ title: "Payment", texts: ["You can pay by card."], views: 120 });
   * await library.patch(document.id, { tags: ["billing"], metadata: { views: 121 }, if_seq: document.seq });
   * ```
   */
  async patch(id: string, patch: DocumentPatch, options: RequestOptions = {}): Promise<DocumentWritten> {
    refuseLostValues(patch, "patch", { orUndefined: false });
    return this.#http.json("PATCH", this.#pathOf(id), { ...options, body: patch });
  }

  /**
   * Changes fields of the documents that pass a filter, in transactions of some milliseconds. Those written after the start
   * are left alone. Called again after an interruption, it goes on.
   *
   * @example
   * ```ts
   * const { patched } = await library.patchMatching({ views: { $lt: 100 } }, { tags: ["rare"] });
   * ```
   */
  patchMatching(
    metadata_filter: Filter,
    patch: DocumentPatch,
    options: PatchMatchingOptions = {},
  ): Promise<DocumentsPatched> {
    return patchMatching(this.#http, `${this.#path}/documents/patch`, { metadata_filter, patch }, options);
  }

  /** @param options with `if_seq`, deletes only if the document's `seq` is this; otherwise throws `seq_mismatch` */
  async delete(id: string, { if_seq, ...options }: DeleteOptions = {}): Promise<DocumentDeleted> {
    return this.#http.json("DELETE", this.#pathOf(id), { ...options, query: { if_seq } });
  }

  /**
   * Deletes the documents that pass a filter and were written before the call. If it is interrupted, what is deleted stays
   * deleted, and the same call goes on.
   *
   * @example
   * ```ts
   * const { deleted } = await library.deleteMatching({ views: { $lt: 100 } });
   * console.log(deleted);
   * ```
   */
  deleteMatching(metadata_filter: Filter, options: DeleteMatchingOptions = {}): Promise<DocumentsDeleted> {
    return deleteMatching(this.#http, `${this.#path}/documents/delete`, metadata_filter, options);
  }

  /**
   * All documents without their texts, or those that pass a filter; in the order in which they were first added, or
   * sorted by a field.
   *
   * @example
   * ```ts
   * for await (const { title } of library.documents({ metadata_filter: { author: "Ada" }, sort: "-created_at" })) {
   *   console.log(title);
   * }
   * ```
   */
  documents(options: DocumentsOptions = {}): AsyncGenerator<DocumentSummary> {
    return allItems(async (cursor) => {
      const page = await this.documentPage({ ...options, cursor, limit: 1_000 });
      return { items: page.documents, next: page.next_cursor };
    });
  }

  /** One page of the documents, without their texts, or those with the given `ids`; `next_cursor` is null on the last. */
  async documentPage(options: DocumentPageOptions = {}): Promise<DocumentList> {
    const { limit, cursor, ids, metadata_filter, sort, signal, timeout } = options;
    // Servers before protocol 1.5 know only lists of everything.
    if (ids === undefined && (metadata_filter ?? undefined) === undefined && sort === undefined) {
      return this.#http.json("GET", `${this.#path}/documents`, { query: { limit, cursor }, signal, timeout });
    }
    const body = { ids, metadata_filter, sort, limit, cursor };
    return this.#http.json("POST", `${this.#path}/documents/query`, { body, signal, timeout });
  }

  /**
   * Counts the documents that pass a filter, or all of them, and their chunks.
   *
   * @example
   * ```ts
   * const { documents, chunks } = await library.count({ views: { $gte: 100 } });
   * console.log(documents, chunks);
   * ```
   */
  async count(metadata_filter?: Filter, options: RequestOptions = {}): Promise<DocumentCount> {
    return this.#http.json("POST", `${this.#path}/documents/count`, { ...options, body: { metadata_filter } });
  }

  /**
   * Stores documents from any source, and yields a receipt or a failure for each, in order; `line` counts them from 1.
   * Each is stored exactly once, even across disconnects and restarts. Of two with the same `id`, the later one wins.
   * Requests run concurrently, so the documents of one can be stored before those of an earlier one; `inFlight: 1`
   * preserves the order. The source is read only as results are consumed.
   *
   * @example
   * ```ts
   * const documents = [{ title: "Payment", text: "You can pay by card." }, { title: "Empty" }];
   * for await (const result of library.ingest(documents)) {
   *   if (!result.success) console.error(`Line ${result.line}: ${result.error}`);
   * }
   * ```
   */
  ingest(documents: DocumentSource, options: IngestOptions = {}): AsyncGenerator<LineResult, undefined> {
    return ingest(this.#http, documents, {
      path: `${this.#path}/documents/stream`,
      reconnect: this.#settings.reconnect,
      idempotencyKey: options.idempotencyKey,
      lineAttempts: options.attempts ?? 5,
      timeout: options.timeout,
      signal: options.signal,
      inFlight: options.inFlight ?? 2,
      batches: batchSettingsOf(options),
    });
  }

  /**
   * Yields the library, its documents with their chunks and vectors, and a summary, as of one position, regardless of
   * concurrent writes; read only as fast as it is consumed. The last value is always the summary: an incomplete export
   * throws.
   *
   * @example
   * ```ts
   * for await (const line of library.export()) {
   *   if ("document" in line) console.log(line.document.title, line.document.chunks.length);
   * }
   * ```
   */
  export(options: RequestOptions = {}): AsyncGenerator<ExportLine, undefined> {
    return exportLibrary(this.#http, `${this.#path}/export`, options);
  }

  /**
   * Subscribes to changes, live or from a position.
   *
   * @example
   * ```ts
   * for await (const event of library.events({ from: 0, events: ["document.added"] })) {
   *   console.log(event.seq, event.data);
   * }
   * ```
   */
  events(options: EventOptions = {}): EventFeed {
    return new EventFeed(this.#connection, options, this.#settings.reconnect);
  }

  /** One page of the events that are kept. */
  async eventPage(options: EventPageOptions): Promise<EventPage> {
    const { from_seq, limit, signal, timeout } = options;
    const query = {
      from_seq,
      limit,
      events: options.events?.join(","),
      metadata_filter: options.metadata_filter === undefined ? undefined : stringifyExactly(options.metadata_filter),
    };
    return this.#http.json("GET", `${this.#path}/events`, { query, signal, timeout });
  }

  /**
   * Watches a query: yields the results of a search, now and whenever they change.
   *
   * @example
   * ```ts
   * for await (const { entered, left } of library.live({ query_text: "outage", threshold: 0.6 })) {
   *   console.log(entered.map(({ document }) => document.title), left.length);
   * }
   * ```
   */
  live(query: string | LiveQueryInput, options?: LiveOptions): LiveQuery;
  live<const Names extends readonly HitField[]>(
    query: ChosenLiveQuery<Names>,
    options?: LiveOptions,
  ): LiveQuery<HitWith<SocketSearchHit, Names>>;
  live(query: string | AnyLiveQuery, options?: LiveOptions): LiveQuery<LiveHit>;
  live(query: string | AnyLiveQuery, options: LiveOptions = {}): AsyncIterableIterator<unknown, undefined> {
    const input = typeof query === "string" ? { query_text: query } : query;
    return new LiveQuery({ connection: this.#connection, query: input, options, reconnect: this.#settings.reconnect });
  }

  /**
   * A room of this library. Sends nothing before `join`.
   *
   * @example
   * ```ts
   * const room = library.room("monday", { name: "Ada" });
   * await room.join();
   * await room.search("next steps");
   * for await (const message of room.messages()) console.log(message.type);
   * ```
   */
  room(sessionId: string, options: RoomOptions = {}): Room {
    return new Room({
      ...options,
      connection: this.#connection,
      settings: this.#settings,
      sessionId,
    });
  }

  /** Closes the WebSocket permanently; iterations over it end with the error `closed`. */
  close(): void {
    this.#connection.stop();
  }

  #pathOf(id: string): string {
    return `${this.#path}/documents/${pathSegment("document_id", id)}`;
  }
}
