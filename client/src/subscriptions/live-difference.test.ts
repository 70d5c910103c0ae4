import { assert, integer, property, uniqueArray } from "fast-check";
import { describe, expect, it } from "vitest";
import { differenceOf, type LiveState } from "./live-difference.ts";

const stateOf = (seq: number, chunks: readonly number[]): LiveState => ({
  seq,
  total: chunks.length,
  exact: true,
  results: chunks.map((chunk, index) => ({
    id: `c${chunk}`,
    chunk_id: `c${chunk}`,
    document_id: `d${chunk}`,
    rank: index + 1,
    distance: index / 10,
    text: "",
    metadata: { created_at: "", page_number: null, chunk_index: 0, source_document_id: `d${chunk}` },
    document: {
      title: "",
      title_generated: false,
      author: null,
      document_type: null,
      source_url: null,
      tags: [],
      metadata: {},
    },
  })),
});

describe("The difference of two results", () => {
  const chunks = uniqueArray(integer({ min: 1, max: 12 }), { maxLength: 10 });

  it("leads from one to the other", () => {
    assert(
      property(chunks, chunks, (before, after) => {
        const told = differenceOf(stateOf(1, before), stateOf(2, after));
        // A reader who knew nothing but the ranks so far, and what is told now, knows the new ranks.
        const ranks = new Map(before.map((chunk, index) => [`c${chunk}`, index + 1]));
        for (const { chunk_id, previous_rank } of told.left) {
          expect(ranks.get(chunk_id)).toBe(previous_rank);
          ranks.delete(chunk_id);
        }
        for (const { chunk_id, rank, previous_rank } of told.moved) {
          expect(ranks.get(chunk_id)).toBe(previous_rank);
          expect(rank).not.toBe(previous_rank);
          ranks.set(chunk_id, rank);
        }
        for (const { chunk_id, rank } of told.entered) {
          expect(ranks.has(chunk_id)).toBe(false);
          ranks.set(chunk_id, rank);
        }
        expect(ranks).toEqual(new Map(told.results.map(({ chunk_id, rank }) => [chunk_id, rank])));
      }),
    );
  });

  it("has everything as entered at first", () => {
    const first = differenceOf(undefined, stateOf(1, [3, 1]));
    expect(first.entered).toEqual(first.results);
    expect([first.left, first.moved]).toEqual([[], []]);
  });
});
