import type { ChunkRow } from "../rows/chunks-table.ts";

interface PooledChunk {
  readonly chunk: ChunkRow;
  /** The lists that it stands in. */
  lists: number;
  /** The searches that show it, as the main thread knows them. */
  shown: number;
}

/** What the chunks of all standing searches hold, each once, for as long as one of them needs it. */
export class ChunkPool {
  readonly #entries = new Map<number, PooledChunk>();
  #characters = 0;

  /** How many texts and metadata have together. */
  get characters(): number {
    return this.#characters;
  }

  find(key: number): ChunkRow {
    return this.#entry(key).chunk;
  }

  /** Whether it stands in a list. */
  isListed(key: number): boolean {
    return (this.#entries.get(key)?.lists ?? 0) > 0;
  }

  /** It stands in one more list. */
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

  /** One more search shows it; tells whether it is the first one. */
  show(key: number): boolean {
    return ++this.#entry(key).shown === 1;
  }

  /** Tells whether it was the last one. */
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
