import { signal } from "@preact/signals";
import type { LibraryHandle } from "arrwdb-client";
import { Changes } from "./changes.ts";
import { type MapPoint, mostPoints, pointOf } from "./map-points.ts";
import type { Places, PlaceVectors } from "./messages.ts";
import { Slots } from "./slots.ts";

/** Vectors per message to the worker. */
const batch = 500;
/** Milliseconds that a few wait for others. */
const updateInterval = 200;
/** Milliseconds between two updates. */
const frame = 100;

type DocumentWithChunks = Parameters<typeof pointOf>[0] & {
  readonly chunks: readonly (Parameters<typeof pointOf>[1] & { readonly embedding?: string | undefined })[];
};

/**
 * The chunks of a library with their positions on the map: the existing ones, and then live changes. A worker computes
 * the positions. Holds at most `mostPoints`; beyond, new points replace the oldest ones.
 */
export class PointCloud {
  /** Incremented by every change, for renderers. */
  readonly version = signal(0);
  readonly loading = signal(true);
  /** Whether the library has more chunks than the map holds. */
  readonly cut = signal(false);
  /** By slot; undefined for deleted ones. */
  readonly points: (MapPoint | undefined)[] = [];
  /** Where each belongs, x and y in turn. */
  coordinates = new Float32Array();
  /** Places of chunks by their id. */
  readonly indexes = new Map<string, number>();
  readonly #handle: LibraryHandle;
  readonly #signal: AbortSignal;
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module" });
  readonly #ofDocument = new Map<string, number[]>();
  readonly #broken = Promise.withResolvers<never>();
  readonly #slots = new Slots(mostPoints);
  /** Vectors that the worker has not got yet, by their slots. */
  readonly #waiting = new Map<number, string>();
  #picture: ReturnType<typeof setTimeout> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @param abort ends it, and its worker */
  constructor(handle: LibraryHandle, abort: AbortSignal) {
    this.#handle = handle;
    this.#signal = abort;
    // After an upgrade, the server no longer has the files that an open page requests.
    this.#worker.addEventListener("error", () => {
      this.#broken.reject(
        new Error("The map could not be loaded; reload the page, as the server may have been upgraded."),
      );
    });
    this.#broken.promise.catch(() => undefined);
    this.#worker.addEventListener("message", ({ data }: MessageEvent<Places>) => this.#placed(data));
    abort.addEventListener("abort", () => {
      clearTimeout(this.#timer);
      clearTimeout(this.#picture);
      this.#worker.terminate();
    });
  }

  get size(): number {
    return this.indexes.size;
  }

  /** Loads the existing chunks, and follows changes until aborted. */
  async follow(): Promise<void> {
    await Promise.race([this.#follow(), this.#broken.promise]);
  }

  async #follow(): Promise<void> {
    const feed = this.#handle.events({
      events: ["document.added", "document.updated", "document.deleted", "document.expired"],
      signal: this.#signal,
    });
    // From before the library is read, so that nothing can fall between.
    await feed.ready();
    for await (const line of this.#handle.export({ signal: this.#signal })) {
      if (!("document" in line)) continue;
      this.#add(line.document, 0);
      if (!this.#slots.isFull) continue;
      this.cut.value = true;
      break;
    }
    this.#flush();
    this.loading.value = false;
    const changes = new Changes(this.#handle, this.#signal, {
      removed: (documentId) => this.#remove(documentId),
      came: (document) => this.#add(document, performance.now()),
    });
    await changes.follow(feed);
  }

  #add(document: DocumentWithChunks, since: number): void {
    for (const chunk of document.chunks) {
      if (chunk.embedding === undefined) continue;
      // Existing points may be evicted for new ones, but not during the first read.
      if (this.#slots.isFull) {
        this.cut.value = true;
        if (since === 0) return;
      }
      this.#place(pointOf(document, chunk, since), chunk.embedding);
    }
  }

  #place(point: MapPoint, vector: string): void {
    const slot = this.#slots.take();
    this.#forget(slot);
    this.points[slot] = point;
    this.indexes.set(point.chunkId, slot);
    const own = this.#ofDocument.get(point.documentId) ?? [];
    own.push(slot);
    this.#ofDocument.set(point.documentId, own);
    this.#waiting.set(slot, vector);
    if (this.#waiting.size >= batch) this.#flush();
    this.#timer ??= setTimeout(() => this.#flush(), updateInterval);
  }

  /** Removes the point of the slot, if any. */
  #forget(slot: number): void {
    const point = this.points[slot];
    if (point === undefined) return;
    this.points[slot] = undefined;
    this.indexes.delete(point.chunkId);
    const rest = (this.#ofDocument.get(point.documentId) ?? []).filter((one) => one !== slot);
    if (rest.length === 0) this.#ofDocument.delete(point.documentId);
    else this.#ofDocument.set(point.documentId, rest);
  }

  #remove(documentId: string): void {
    for (const slot of this.#ofDocument.get(documentId) ?? []) {
      this.#forget(slot);
      this.#slots.release(slot);
    }
    this.#changed();
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#waiting.size === 0 || this.#signal.aborted) return;
    const message: PlaceVectors = { indexes: [...this.#waiting.keys()], vectors: [...this.#waiting.values()] };
    this.#waiting.clear();
    this.#worker.postMessage(message);
  }

  #placed({ indexes, coordinates }: Places): void {
    const size = indexes.reduce((most, index) => Math.max(most, index + 1), this.coordinates.length / 2);
    const all = new Float32Array(size * 2);
    all.set(this.coordinates);
    indexes.forEach((slot, index) => all.set(coordinates.subarray(index * 2, index * 2 + 2), slot * 2));
    this.coordinates = all;
    this.#changed();
  }

  /** A frame costs more than a change, so changes are batched. */
  #changed(): void {
    this.#picture ??= setTimeout(() => {
      this.#picture = undefined;
      this.version.value += 1;
    }, frame);
  }
}
