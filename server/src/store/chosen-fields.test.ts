import type { HitField } from "@arrwdb/protocol/search/include";
import type { SearchHit } from "@arrwdb/protocol/search/search";
import { expect, it } from "vitest";
import { FieldChoice } from "./chosen-fields.ts";

const hit: Pick<SearchHit, "text" | "metadata" | "own_metadata" | "document"> = {
  text: "tea",
  metadata: {
    author: { name: "Ada", born: 1815, names: [{ first: "A", last: "L" }, "x", [{ first: "B" }]] },
    "a.b": 1,
    a: { b: 2, c: 3 },
    created_at: "2026-01-01T00:00:00.000Z",
    page_number: null,
    chunk_index: 0,
    source_document_id: "d",
  },
  own_metadata: { page_number: "iv" },
  document: {
    title: "T",
    title_generated: false,
    author: null,
    document_type: null,
    source_url: null,
    tags: ["a"],
    metadata: { year: 2020, deep: { er: [1] } },
  },
};

const chosen = (...include: HitField[]) => new FieldChoice(include).of(hit);

it("chooses whole fields", () => {
  expect(chosen()).toEqual({});
  expect(chosen("text", "metadata", "own_metadata", "document")).toEqual(hit);
  expect(chosen("document.title", "document.tags")).toEqual({ document: { title: "T", tags: ["a"] } });
  expect(chosen("document.title", "document")).toEqual({ document: hit.document });
});

it("chooses what names inside lead to, and each object of a list", () => {
  expect(chosen("metadata.author.name", "metadata.chunk_index")).toEqual({
    metadata: { author: { name: "Ada" }, chunk_index: 0 },
  });
  expect(chosen("metadata.author.names.first")).toEqual({
    metadata: { author: { names: [{ first: "A" }, { first: "B" }] } },
  });
  expect(chosen("document.metadata.deep.er")).toEqual({ document: { metadata: { deep: { er: [1] } } } });
  expect(chosen("own_metadata.page_number")).toEqual({ own_metadata: { page_number: "iv" } });
});

it("takes a name with a dot for both of its meanings", () => {
  expect(chosen("metadata.a.b")).toEqual({ metadata: { "a.b": 1, a: { b: 2 } } });
});

it("leaves an object empty if it lacks what is named, so that it can be read without asking whether it is there", () => {
  expect(chosen("metadata.nothing", "document.metadata.nothing")).toEqual({ metadata: {}, document: { metadata: {} } });
});
