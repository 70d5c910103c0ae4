import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { LiveHit } from "@arrwdb/protocol/search/search";
import { LRUCache } from "lru-cache";

/** Maximum of characters of cached hits, in total and for one. */
const rememberedCharacters = 16 * 1024 * 1024;
const longestRemembered = 32 * 1024;

interface KnownText {
  /** The very object that the text was made from. */
  readonly document: LiveHit["document"];
  readonly text: string;
}

/**
 * Hits as JSON text. Each change of a live query sends all its hits, most of which were sent before, to this reader or
 * to others, so their text is cached. Of a chunk, only its document's fields change.
 */
export class HitTexts {
  readonly #contents = new LRUCache<string, KnownText>({
    maxSize: rememberedCharacters,
    maxEntrySize: longestRemembered,
    sizeCalculation: ({ text }) => text.length,
  });

  of({ rank, distance, ...content }: LiveHit): string {
    return `{"rank":${rank},"distance":${distance},${this.#contentOf(content)}`;
  }

  /** All but the brace before it. */
  #contentOf(content: Omit<LiveHit, "rank" | "distance">): string {
    const { chunk_id: id, document } = content;
    const known = this.#contents.get(id);
    if (known !== undefined && known.document === document) return known.text;
    const text = stringifyExactly(content).slice(1);
    this.#contents.set(id, { document, text });
    return text;
  }
}
