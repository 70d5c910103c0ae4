import { parseExactly, stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { SocketSearchHit } from "@arrwdb/protocol/search/search";
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { HitTexts } from "./hit-texts.ts";

const hit = fc.record({
  chunk: fc.nat(5),
  rank: fc.integer({ min: 1, max: 1_000 }),
  distance: fc.double({ min: 0, max: 2, noNaN: true }),
});

/** What a chunk holds, by its number. */
const contentOf = (chunk: number): Omit<SocketSearchHit, "rank" | "distance"> => ({
  chunk_id: `chunk ${chunk}`,
  document_id: "document",
  text: chunk === 0 ? "long ".repeat(10_000) : `"quoted" \u2028 \ud83d\ude42 ${chunk}`,
  metadata: {
    large: 12_345_678_901_234_567_890n,
    created_at: "2026-01-01T00:00:00.000Z",
    page_number: null,
    chunk_index: chunk,
    source_document_id: "document",
  },
  document: {
    title: "",
    title_generated: true,
    author: null,
    document_type: null,
    source_url: null,
    tags: ["a"],
    metadata: { deep: { er: [1] } },
  },
  id: `chunk ${chunk}`,
});

it("says of a hit what JSON says of it, whatever was said of its chunk before", () => {
  const property = fc.property(fc.array(hit, { maxLength: 20 }), (hits) => {
    const texts = new HitTexts();
    for (const { chunk, rank, distance } of hits) {
      const told = { rank, distance, ...contentOf(chunk) };
      expect(parseExactly(texts.of(told))).toEqual(parseExactly(stringifyExactly(told)));
    }
  });
  fc.assert(property);
});
