import type { ChunkRow } from "../rows/chunks-table.ts";

interface PooledChunk {
  chunk: ChunkRow;
  /** Number of lists that contain it. */
  lists: number;
  /** Number of live queries that show it, as known to the main thread. */
  shown: number;
  /** The `seq` of its content that the main thread has, if it has one. */
  told: number | undefined;
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

  /** Adds a reference from a list. Content of a later position replaces what is held. */
  list(chunk: ChunkRow): void {
    const known = this.#entries.get(chunk.key);
    if (known === undefined) {
      this.#entries.set(chunk.key, { chunk, lists: 1, shown: 0, told: undefined });
      this.#characters += chunk.characters;
      return;
    }
    known.lists++;
    if (chunk.seq <= known.chunk.seq) return;
    this.#characters += chunk.characters - known.chunk.characters;
    known.chunk = chunk;
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

  /**
   * The main thread is told of a shown chunk; returns whether it does not have its content yet.
   *
   * @param had the `seq` of the content that it has, if that is not known here
   */
  tell(key: number, had?: number): boolean {
    const entry = this.#entry(key);
    const isFresh = (had ?? entry.told) !== entry.chunk.seq;
    entry.told = entry.chunk.seq;
    return isFresh;
  }

  /** Removes such a reference; if it was the last, returns the `seq` of the content that the main thread has. */
  hide(key: number): number | undefined {
    const entry = this.#entry(key);
    entry.shown--;
    this.#leave(entry);
    if (entry.shown > 0) return undefined;
    const { told } = entry;
    entry.told = undefined;
    return told;
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
