import { signal } from "@preact/signals";
import type { LibraryHandle } from "arrwdb-client";
import { decodeVector, type MapPoint, mostPoints, pointOf } from "./map-points.ts";
import type { AddVectors, Places } from "./messages.ts";

/** Vectors that go to the worker in one message. */
const batch = 500;
/** Milliseconds that a few wait for others. */
const patience = 200;

interface Loaded {
  readonly point: MapPoint;
  readonly vector: Float32Array;
}

type Source = Parameters<typeof pointOf>[0] & {
  readonly chunks: readonly (Parameters<typeof pointOf>[1] & { readonly embedding?: string | undefined })[];
};

/**
 * The chunks of a library with their places on the map: those that are there, and then each that comes, changes or goes.
 * A worker computes the places. Holds `mostPoints` at most.
 */
export class PointCloud {
  /** Counts what changed, for whoever draws. */
  readonly version = signal(0);
  readonly loading = signal(true);
  /** Whether the library has more than the map holds. */
  readonly cut = signal(false);
  /** By the order in which the worker knows them; undefined for those that are gone. */
  readonly points: (MapPoint | undefined)[] = [];
  /** Where each belongs, x and y in turn. */
  coordinates = new Float32Array();
  /** Places of chunks by their id. */
  readonly indexes = new Map<string, number>();
  readonly #handle: LibraryHandle;
  readonly #signal: AbortSignal;
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #ofDocument = new Map<string, number[]>();
  readonly #waiting: Float32Array[] = [];
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param abort ends it, and its worker */
  constructor(handle: LibraryHandle, abort: AbortSignal) {
    this.#handle = handle;
    this.#signal = abort;
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Places>) => this.#placed(data));
    abort.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      this.#worker.terminate();
    });
  }

  get size(): number {
    return this.indexes.size;
  }

  /** Loads what is there, and follows what changes until it is ended. */
  async follow(): Promise<void> {
    const feed = this.#handle.events({
      events: ["document.added", "document.updated", "document.deleted"],
      signal: this.#signal,
    });
    // From before the library is read, so that nothing can fall between.
    await feed.ready();
    for await (const line of this.#handle.export({ signal: this.#signal })) {
      if (!("document" in line)) continue;
      if (!this.#add(line.document, 0)) break;
    }
    this.#flush();
    this.loading.value = false;
    for await (const event of feed) {
      if (!("document_id" in event.data)) continue;
      const { document_id } = event.data;
      this.#remove(document_id);
      if (event.type !== "document.deleted") await this.#fetch(document_id);
    }
  }

  async #fetch(documentId: string): Promise<void> {
    try {
      const document = await this.#handle.get(documentId, { vectors: true, signal: this.#signal });
      // What has changed again meanwhile is told again.
      this.#remove(documentId);
      this.#add(document, performance.now());
    } catch (error) {
      this.#signal.throwIfAborted();
      if (!(error instanceof Error && "code" in error && error.code === "document_not_found")) throw error;
    }
  }

  /** False where it is full. */
  #add(document: Source, since: number): boolean {
    for (const chunk of document.chunks) {
      if (chunk.embedding === undefined) continue;
      if (this.points.length >= mostPoints) {
        this.cut.value = true;
        return false;
      }
      this.#place({ point: pointOf(document, chunk, since), vector: decodeVector(chunk.embedding) });
    }
    return true;
  }

  #place({ point, vector }: Loaded): void {
    const index = this.points.push(point) - 1;
    this.indexes.set(point.chunkId, index);
    const own = this.#ofDocument.get(point.documentId) ?? [];
    own.push(index);
    this.#ofDocument.set(point.documentId, own);
    this.#waiting.push(vector);
    if (this.#waiting.length >= batch) this.#flush();
    this.#timer ??= setTimeout(() => this.#flush(), patience);
  }

  #remove(documentId: string): void {
    for (const index of this.#ofDocument.get(documentId) ?? []) {
      const point = this.points[index];
      if (point !== undefined) this.indexes.delete(point.chunkId);
      this.points[index] = undefined;
    }
    this.#ofDocument.delete(documentId);
    this.version.value += 1;
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const [first] = this.#waiting;
    if (first === undefined || this.#signal.aborted) return;
    const dimension = first.length;
    const vectors = new Float32Array(this.#waiting.length * dimension);
    this.#waiting.splice(0).forEach((vector, index) => vectors.set(vector, index * dimension));
    const message: AddVectors = { dimension, vectors };
    this.#worker.postMessage(message, { transfer: [vectors.buffer] });
  }

  #placed({ from, coordinates }: Places): void {
    const all = new Float32Array(from * 2 + coordinates.length);
    all.set(this.coordinates.subarray(0, from * 2));
    all.set(coordinates, from * 2);
    this.coordinates = all;
    this.version.value += 1;
  }
}
