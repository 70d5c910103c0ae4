import { parseExactly } from "@arrwdb/protocol/json/exact-json";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { eventSelection, subscriptionEnded } from "@arrwdb/protocol/events/events";
import { filter } from "@arrwdb/protocol/filter/filter";
import { searchUpdated } from "@arrwdb/protocol/websocket/live";
import { documentInput } from "@arrwdb/protocol/documents/model";
import { documentQueryRequest } from "@arrwdb/protocol/documents/document-queries";
import { liveQueryRequest, searchRequest } from "@arrwdb/protocol/search/search";
import { documentId, uuid } from "@arrwdb/protocol/text";
import { documentPatch } from "@arrwdb/protocol/documents/document-patch";
import { validate } from "@arrwdb/protocol/errors/validation";
import { z } from "zod";
import { unlessAborted } from "../util/abortable.ts";
import type { LiveQuerySubscribed } from "../core/live-queries/connection-live-queries.ts";
import { queryOf } from "../core/search/search.ts";
import type { Services } from "../core/services.ts";
import type { EventWish, HitsChange, McpDatabase, McpLiveQuery } from "./mcp-database.ts";

/** By the names that the tools' arguments have. */
const ids = z.object({ library: uuid, document_id: documentId });
const libraryIdOf = (id: string) => validate(ids.pick({ library: true }), { library: id }).library;
const documentIdOf = (id: string) => validate(ids.pick({ document_id: true }), { document_id: id }).document_id;
const told = z.discriminatedUnion("type", [searchUpdated, subscriptionEnded]);
const selection = z.object({ events: eventSelection.optional(), filter: filter.optional() });

const requestOf = (wish: EventWish) => {
  const { events, filter: narrowed } = validate(selection, { events: wish.events, filter: wish.metadata_filter });
  return { types: events, filter: narrowed, fromSeq: wish.from_seq };
};

/** The core of this process, with input validated as by the other transports. */
export class CoreDatabase implements McpDatabase {
  readonly #services: Services;
  readonly #caller: string;
  readonly #checkWrite: () => void;

  /**
   * @param caller the key or address, for fair scheduling
   * @param checkWrite throws if the caller may not write
   */
  constructor(services: Services, caller: string, checkWrite: () => void) {
    this.#services = services;
    this.#caller = caller;
    this.#checkWrite = checkWrite;
  }

  async libraries({ limit, cursor }: Parameters<McpDatabase["libraries"]>[0]) {
    const page = await this.#services.libraries.list({ limit, cursor });
    return { libraries: [...page.items], next_cursor: page.nextCursor };
  }

  async library(id: string) {
    return this.#services.libraries.get(libraryIdOf(id));
  }

  libraryId(named: string) {
    return this.#services.names.resolve(named, null);
  }

  async documents(libraryId: string, query: Parameters<McpDatabase["documents"]>[1], signal: AbortSignal) {
    const asked = validate(documentQueryRequest, query);
    return this.#services.documents.list(libraryIdOf(libraryId), asked, this.#caller, signal);
  }

  async document(libraryId: string, id: string) {
    return (await this.#services.documents.get(libraryIdOf(libraryId), documentIdOf(id))).document;
  }

  async add(libraryId: string, document: z.input<typeof documentInput>, signal: AbortSignal) {
    this.#checkWrite();
    const { documents } = this.#services;
    const id = libraryIdOf(libraryId);
    const prepared = await documents.prepare(id, validate(documentInput, document), signal);
    const written = await documents.write(id, prepared, this.#checkWrite);
    return { document: written.document, seq: written.document.seq };
  }

  async patch(libraryId: string, id: string, patch: z.input<typeof documentPatch>) {
    this.#checkWrite();
    const validated = validate(documentPatch, patch);
    return this.#services.documents.patch(libraryIdOf(libraryId), documentIdOf(id), validated);
  }

  async search(libraryId: string, request: z.input<typeof searchRequest>, signal: AbortSignal) {
    const query = queryOf(validate(searchRequest, request), this.#caller);
    return (await this.#services.searches.search(libraryIdOf(libraryId), query, signal)).response;
  }

  async events(libraryId: string, wish: EventWish, limit: number) {
    return this.#services.streams.page(libraryIdOf(libraryId), requestOf(wish), limit);
  }

  async eventAfter(libraryId: string, wish: EventWish, signal: AbortSignal): Promise<void> {
    const found = Promise.withResolvers<void>();
    const stream = await this.#services.streams.open(libraryIdOf(libraryId), requestOf(wish), {
      deliver: () => found.resolve(),
      // One event is enough.
      congested: () => false,
      fail: (error) => found.reject(error),
    });
    try {
      await unlessAborted(found.promise, signal);
    } finally {
      stream.end();
    }
  }

  async watch(libraryId: string, query: z.input<typeof liveQueryRequest>, signal: AbortSignal): Promise<McpLiveQuery> {
    const id = libraryIdOf(libraryId);
    const { query_text, k, threshold, metadata_filter, facets, group_by: groupBy } = validate(liveQueryRequest, query);
    const changed = Promise.withResolvers<HitsChange>();
    // The rejection may have no listener.
    changed.promise.catch(() => undefined);
    const { subscriptions } = this.#services.participate(id, {
      congested: false,
      send: (json) => {
        const message = told.parse(parseExactly(json));
        if (message.type === "search.updated") changed.resolve(message);
        else changed.reject(new ArrwError(message.error_code, message.error));
      },
      fail: (error) => changed.reject(error),
    });
    const end = () => {
      subscriptions.close();
      changed.reject(signal.reason);
    };
    signal.addEventListener("abort", end, { once: true });
    const first = Promise.withResolvers<LiveQuerySubscribed>();
    try {
      const shared = { caller: this.#caller, text: query_text, k, facets, groupBy };
      const request = { ...shared, maxDistance: threshold, filter: metadata_filter };
      const begun = subscriptions.watch(request, signal, first.resolve);
      begun.catch(first.reject);
      return { first: await unlessAborted(first.promise, signal), changed: changed.promise };
    } catch (error) {
      end();
      throw error;
    }
  }
}
