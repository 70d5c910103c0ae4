import type { ChunkRow } from "../rows/chunks-table.ts";

interface PooledChunk {
  readonly chunk: ChunkRow;
  /** Number of lists that contain it. */
  lists: number;
  /** Number of live queries that show it, as known to the main thread. */
  shown: number;
}

/** Contents of the chunks of all live queries, each stored once and reference-counted. */
export class ChunkPool {
  readonly #entries = new Map<number, PooledChunk>();
  #characters = 0;

  /** Total characters of texts and metadata. */
  get characters(): number {
    return this.#characters;
  }

  find(key: number): ChunkRow {
    return this.#entry(key).chunk;
  }

  /** Whether some list contains it. */
  isListed(key: number): boolean {
    return (this.#entries.get(key)?.lists ?? 0) > 0;
  }

  /** Adds a reference from a list. */
  list(chunk: ChunkRow): void {
    const known = this.#entries.get(chunk.key);
    if (known !== undefined) known.lists++;
    else {
      this.#entries.set(chunk.key, { chunk, lists: 1, shown: 0 });
      this.#characters += chunk.characters;
    }
  }

  unlist(key: number): void {
    const entry = this.#entry(key);
    entry.lists--;
    this.#leave(entry);
  }

  /** Adds a reference from a query that shows it; returns whether it is the first. */
  show(key: number): boolean {
    return ++this.#entry(key).shown === 1;
  }

  /** Removes such a reference; returns whether it was the last. */
  hide(key: number): boolean {
    const entry = this.#entry(key);
    entry.shown--;
    this.#leave(entry);
    return entry.shown === 0;
  }

  #entry(key: number): PooledChunk {
    const entry = this.#entries.get(key);
    if (entry === undefined) throw new Error(`Chunk ${key} is not held`);
    return entry;
  }

  #leave({ chunk, lists, shown }: PooledChunk): void {
    if (lists > 0 || shown > 0) return;
    this.#entries.delete(chunk.key);
    this.#characters -= chunk.characters;
  }
}
