import type { Metadata } from "@arrwdb/protocol/documents/metadata";
import { describe, expect, it } from "vitest";
import { ownFields } from "../../../../../test/support/data/metadata-arbitraries.ts";
import { defaultMetadataThresholds, MetadataIndex } from "./metadata-index.ts";

describe("The memory of an index of metadata", () => {
  const count = 20_000;
  const chunks = (metadata: (key: number) => Metadata) => {
    const keys = Array.from({ length: count }, (_, index) => index + 1);
    const read = (after: number, limit: number) =>
      keys.slice(after, after + limit).map((key) => ({ key, record: ownFields(metadata(key)) }));
    return { keys, index: new MetadataIndex(keys, read) };
  };
  const { bytes, bytesPerChunk } = defaultMetadataThresholds;

  it("is bounded where texts are long and all different", () => {
    const record = (key: number) => ({ a: `${key} `.repeat(1_000) });
    const { index } = chunks(record);
    const selection = index.evaluateFully({ a: record(77).a });
    expect([...selection.keys()]).toEqual([77]);
    expect(index.bytes).toBeLessThan(count * 100);
    const from = index.evaluateFully({ a: { $gte: "99" } });
    expect(from.exact).toBe(true);
    expect(from.count).toBe(
      Array.from({ length: count }, (_, at) => `${at + 1} `).filter((text) => text >= "99").length,
    );
  });

  it("is bounded where there are many fields", () => {
    const { index } = chunks((key) => ({ [`f${key % 10_000}`]: key, [`g${key % 10_000}`]: "text" }));
    for (const base of [0, 40, 80]) {
      const some = Array.from({ length: 40 }, (_, at) => base + at);
      const $or = some.map((field) => ({ [`f${field}`]: { $gt: 10_000 } }));
      const expected = some.map((field) => (field === 0 ? 20_000 : 10_000 + field)).toSorted((a, b) => a - b);
      expect([...index.evaluateFully({ $or }).keys()]).toEqual(expected);
    }
    expect(index.bytes).toBeLessThan(bytes + bytesPerChunk * count);
  });

  it("is bounded where lists are long: such a field is left to be looked at", () => {
    const record = (key: number) => ({ a: Array.from({ length: 50 }, (_, at) => `${key} ${at}`), d: key % 10 });
    const { index } = chunks(record);
    const selection = index.evaluateFully({ a: "77 3", d: 7 });
    expect(selection).toMatchObject({ count: count / 10, exact: false });
    expect([...selection.keys()].filter((key) => selection.passes(key, (one) => ownFields(record(one))))).toEqual([77]);
    expect(index.bytes).toBeLessThan(bytes + bytesPerChunk * count);
  });
});
