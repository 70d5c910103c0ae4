import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { SocketSearchHit } from "@arrwdb/protocol/search/search";
import { LRUCache } from "lru-cache";

/** Maximum of characters of cached hits, in total and for one. */
const rememberedCharacters = 16 * 1024 * 1024;
const longestRemembered = 32 * 1024;

/**
 * Hits as JSON text. Each change of a live query sends all its hits, most of which were sent before, to this reader or
 * to others; chunks are immutable, so their text is cached.
 */
export class HitTexts {
  readonly #contents = new LRUCache<string, string>({
    maxSize: rememberedCharacters,
    maxEntrySize: longestRemembered,
    sizeCalculation: (content) => content.length,
  });

  of({ rank, distance, ...content }: SocketSearchHit): string {
    return `{"rank":${rank},"distance":${distance},${this.#contentOf(content)}`;
  }

  /** All but the brace before it. */
  #contentOf(content: Omit<SocketSearchHit, "rank" | "distance">): string {
    const known = this.#contents.get(content.chunk_id);
    if (known !== undefined) return known;
    const text = stringifyExactly(content).slice(1);
    this.#contents.set(content.chunk_id, text);
    return text;
  }
}
