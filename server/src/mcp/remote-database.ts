import { isUuid } from "@arrwdb/protocol/documents/document-id";
import type { ArrwClient } from "arrwdb-client";
import type { EventWish, ListPage, McpDatabase, McpLiveQuery } from "./mcp-database.ts";

/** A server elsewhere, through the client. */
export class RemoteDatabase implements McpDatabase {
  readonly #client: ArrwClient;

  constructor(client: ArrwClient) {
    this.#client = client;
  }

  libraries(page: ListPage, signal: AbortSignal) {
    return this.#client.libraries.page({ ...page, signal });
  }

  library(id: string, signal: AbortSignal) {
    return this.#client.libraries.get(id, { signal });
  }

  async libraryId(named: string, signal: AbortSignal) {
    return isUuid(named) ? named : (await this.library(named, signal)).id;
  }

  documents(libraryId: string, query: Parameters<McpDatabase["documents"]>[1], signal: AbortSignal) {
    return this.#client.library(libraryId).documentPage({ ...query, signal });
  }

  document(libraryId: string, documentId: string, signal: AbortSignal) {
    return this.#client.library(libraryId).get(documentId, { signal });
  }

  add(libraryId: string, document: Parameters<McpDatabase["add"]>[1], signal: AbortSignal) {
    return this.#client.library(libraryId).add(document, { signal });
  }

  patch(libraryId: string, documentId: string, patch: Parameters<McpDatabase["patch"]>[2], signal: AbortSignal) {
    return this.#client.library(libraryId).patch(documentId, patch, { signal });
  }

  search(
    libraryId: string,
    request: Parameters<McpDatabase["search"]>[1],
    signal: AbortSignal,
  ): ReturnType<McpDatabase["search"]> {
    return this.#client.library(libraryId).search(request, { signal });
  }

  events(libraryId: string, wish: EventWish, limit: number, signal: AbortSignal) {
    return this.#client.library(libraryId).eventPage({ ...wish, limit, signal });
  }

  async eventAfter(libraryId: string, wish: EventWish, signal: AbortSignal): Promise<void> {
    const { from_seq: from, events, metadata_filter } = wish;
    const feed = this.#client.library(libraryId).events({ from, events, metadata_filter, signal });
    await feed.next();
    await feed.return();
  }

  async watch(
    libraryId: string,
    query: Parameters<McpDatabase["watch"]>[1],
    signal: AbortSignal,
  ): Promise<McpLiveQuery> {
    const live = this.#client.library(libraryId).live(query, { signal });
    const first = await live.next();
    if (first.done === true) throw new Error("The live query ended before it started");
    const changed = live.next().then((next) => {
      if (next.done === true) throw new Error("The live query ended");
      return next.value;
    });
    // The rejection may have no listener.
    changed.catch(() => undefined);
    return { first: first.value, changed };
  }
}
