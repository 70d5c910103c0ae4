import type { MessagePort } from "node:worker_threads";
import type { DocumentSummary, Library } from "@arrwdb/protocol/documents/model";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { CallerQueue } from "../../../../scheduling/caller-queue.ts";
import type { ChunkRow, ChunksTable } from "../../rows/chunks-table.ts";
import { toErrorData } from "../../threads/error-data.ts";
import { libraryNotFound } from "../../rows/libraries-table.ts";
import type { ChunkRange } from "../../rows/chunk-range.ts";
import type { IndexChange } from "../../changes/index-change.ts";
import { LiveLag } from "../../live/live-lag.ts";
import { type Changes, type Find, type FromStore, liveChannel, type ToStore } from "../../live/live-messages.ts";
import type { TypedPort } from "../../../../util/typed-thread.ts";
import { NetChange } from "../../live/net-change.ts";

/** Maximum number of deferred changes of a library before its writers wait. */
const mostDeferred = 256;

interface Deferred {
  /** The library's position after these changes. */
  readonly seq: number;
  readonly changes: readonly IndexChange[];
  /** Documents written by them, by their ids, as of these positions: the tables may be ahead. */
  readonly documents: ReadonlyMap<string, DocumentSummary>;
}

/** Sends changes to the live thread and receives its searches. Runs in the search thread. */
export class LiveFeed {
  readonly #port: TypedPort<ToStore, FromStore>;
  readonly #finds = new CallerQueue<Find>();
  /** Number of live queries per library. */
  readonly #queries = new Map<string, number>();
  /** Changes with chunks that a later commit has already removed; sent together with that commit. */
  readonly #deferred = new Map<string, Deferred>();
  /** Libraries with a search for the live thread in progress, and why its result is of no use, if so. */
  readonly #paused = new Map<string, { refusal: ArrwError | undefined }>();
  readonly #lag = new LiveLag();

  /** @param wake called when there is work to do, or when writers need no longer wait */
  constructor(port: MessagePort, wake: () => void) {
    this.#port = liveChannel.left(port);
    this.#port.onMessage((message) => {
      this.#receive(message);
      wake();
    });
    this.#port.onClose(() => {
      this.#clear();
      wake();
    });
    // Only requests of the main thread keep this thread alive.
    this.#port.unref();
  }

  get pending(): boolean {
    return !this.#finds.empty;
  }

  /** Takes waiting searches, callers in turn. */
  take(limit: number): readonly Find[] {
    const taken: Find[] = [];
    for (
      let find = this.#finds.next();
      find !== undefined;
      find = taken.length < limit ? this.#finds.next() : undefined
    )
      taken.push(find);
    return taken;
  }

  /** Libraries whose writers have to wait because the live thread lags behind. */
  held(): readonly string[] {
    const isWaiting = (id: string) => (this.#deferred.get(id)?.changes.length ?? 0) >= mostDeferred;
    return [...this.#lag.held(), ...[...this.#paused.keys()].filter(isWaiting)];
  }

  /** Defers changes of the library until `resume`, which sends them after everything sent until then. */
  pause(libraryId: string): void {
    this.#paused.set(libraryId, { refusal: undefined });
  }

  /** Why results are of no use since the library was paused: it was deleted, or changed over to other vectors. */
  refusal(libraryId: string): ArrwError | undefined {
    return this.#paused.get(libraryId)?.refusal;
  }

  resume(libraryId: string, chunks: ChunksTable): void {
    this.#paused.delete(libraryId);
    const deferred = this.#deferred.get(libraryId);
    const searches = this.#queries.get(libraryId);
    if (searches === undefined) this.#deferred.delete(libraryId);
    else if (deferred !== undefined) this.#publish(libraryId, deferred, searches, chunks);
  }

  send(message: FromStore): void {
    this.#port.send(message);
  }

  /** Live queries have started: their library's changes are sent from now on. */
  begin(libraryId: string, count: number): void {
    this.#queries.set(libraryId, (this.#queries.get(libraryId) ?? 0) + count);
  }

  /** Sends a commit's changes if there are live queries. An error here does not affect the commit. */
  publish(changes: readonly IndexChange[], events: readonly LibraryEvent[], chunks: ChunksTable): void {
    if (this.#queries.size === 0 && this.#paused.size === 0) return;
    const searched = changes.filter(({ nextKeys }) => nextKeys === undefined);
    for (const [libraryId, own] of Map.groupBy(searched, ({ row }) => row.library.id)) {
      const searches = this.#queries.get(libraryId);
      const paused = this.#paused.get(libraryId);
      if (searches === undefined && paused === undefined) continue;
      if (own.some(({ dropped }) => dropped)) {
        this.#queries.delete(libraryId);
        this.#deferred.delete(libraryId);
        if (paused !== undefined) paused.refusal = libraryNotFound(libraryId);
        this.send({ type: "dropped", libraryId });
        continue;
      }
      const changedOver = own.findLast((change) => change.changedOver === true);
      if (changedOver !== undefined) {
        this.#endAll(libraryId, modelChanged(changedOver.row.library), paused);
        continue;
      }
      if (own.some(({ partial }) => partial === true)) {
        const message = "The library is read anew; the live query begins again";
        this.#endAll(libraryId, new ArrwError("recovering", message, { retryAfter: 1 }), paused);
        continue;
      }
      const before = this.#deferred.get(libraryId);
      const ofLibrary = events.filter(({ library_id }) => library_id === libraryId);
      const all = {
        seq: ofLibrary.at(-1)?.seq ?? 0,
        changes: [...(before?.changes ?? []), ...own],
        documents: new Map([...(before?.documents ?? []), ...documentsOf(ofLibrary)]),
      };
      if (paused === undefined) this.#publish(libraryId, all, searches ?? 0, chunks);
      else this.#deferred.set(libraryId, all);
    }
  }

  /** Its live queries have to begin again. */
  #endAll(id: string, error: ArrwError, paused: { refusal: ArrwError | undefined } | undefined): void {
    this.#queries.delete(id);
    this.#deferred.delete(id);
    if (paused !== undefined) paused.refusal = error;
    this.send({ type: "lost", libraryId: id, error: toErrorData(error) });
  }

  #publish(libraryId: string, all: Deferred, searches: number, chunks: ChunksTable): void {
    this.#deferred.delete(libraryId);
    try {
      const net = netOf(all, chunks);
      if (net === undefined) this.#deferred.set(libraryId, all);
      else this.#send({ libraryId, seq: all.seq, ...net }, searches);
    } catch (error) {
      this.#queries.delete(libraryId);
      this.send({ type: "lost", libraryId, error: toErrorData(error) });
    }
  }

  #send(changes: Omit<Changes, "type" | "weight">, searches: number): void {
    const { libraryId, added, vectors, removed } = changes;
    if (added.length === 0 && removed.length === 0) return;
    const characters = added.reduce((total, chunk) => total + chunk.characters, 0);
    const weight = { comparisons: added.length * searches, bytes: vectors.byteLength + 2 * characters };
    this.#port.send({ type: "changes", weight, ...changes }, [vectors.buffer]);
    this.#lag.add(libraryId, weight);
  }

  #receive(message: ToStore): void {
    switch (message.type) {
      case "find":
        this.#finds.add(message.search.caller, message.libraryId, [message]);
        return;
      case "end": {
        const left = (this.#queries.get(message.libraryId) ?? 1) - 1;
        if (left === 0) {
          this.#queries.delete(message.libraryId);
          this.#deferred.delete(message.libraryId);
        } else this.#queries.set(message.libraryId, left);
        return;
      }
      case "done":
        this.#lag.done(message.libraryId, message.weight);
    }
  }

  /** The live thread has ended, so nothing waits for it. */
  #clear(): void {
    this.#finds.clear();
    this.#queries.clear();
    this.#deferred.clear();
    this.#lag.clear();
  }
}

/** They were compared with other vectors. */
const modelChanged = ({ embedding_model }: Library) =>
  new ArrwError("embedding_model_changed", `The library has changed over to the model ${embedding_model}`);

function documentsOf(events: readonly LibraryEvent[]): readonly [string, DocumentSummary][] {
  return events.flatMap((event): [string, DocumentSummary][] =>
    event.type === "document.added" || event.type === "document.updated" ? [[event.data.id, event.data]] : [],
  );
}

/**
 * Net changes of one library in these transactions, with the contents of new and changed chunks. Undefined if one of the
 * chunks is no longer in the tables: a later commit, about to be reported, has removed it.
 */
function netOf(
  { changes, documents }: Deferred,
  chunks: ChunksTable,
): Pick<Changes, "added" | "vectors" | "removed"> | undefined {
  const net = new NetChange<Float32Array | undefined>();
  for (const { added, removed, patched } of changes) {
    for (const key of removed) net.remove(key);
    for (const { key, vector } of added) net.add(key, vector);
    if (patched !== undefined) patch(net, patched);
  }
  const row = changes[0]?.row;
  const dimension = row?.library.dimension ?? 0;
  const stored = chunks.inSpace(row?.space ?? 0);
  const vectors = new Float32Array(net.added.size * dimension);
  const added: ChunkRow[] = [];
  for (const [key, given] of net.added) {
    const chunk = chunks.find(key);
    const vector = given ?? stored.vector(key);
    if (chunk === undefined || vector === undefined) return undefined;
    vectors.set(vector, added.length * dimension);
    added.push(asWritten(chunk, documents.get(chunk.source.documentId)));
  }
  return { added, vectors, removed: [...net.removed] };
}

/** Chunks that these transactions added are read as they are after them. */
function patch(net: NetChange<Float32Array | undefined>, { first, last }: ChunkRange): void {
  for (let key = first; key <= last; key++) {
    if (net.added.has(key)) continue;
    net.remove(key);
    net.add(key, undefined);
  }
}

/** The chunk with the fields that its document had at the position of the changes. */
function asWritten(chunk: ChunkRow, document: DocumentSummary | undefined): ChunkRow {
  if (document === undefined || document.seq === chunk.seq) return chunk;
  const source = {
    ...chunk.source,
    title: document.title,
    titleGenerated: document.title_generated,
    author: document.author,
    documentType: document.document_type,
    sourceUrl: document.source_url,
    tags: document.tags,
    documentMetadata: document.metadata,
    updatedAt: document.updated_at,
    expiresAt: document.expires_at,
  };
  return { ...chunk, source, seq: document.seq };
}
