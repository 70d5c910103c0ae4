import { array, assert, asyncProperty, integer, record, string } from "fast-check";
import { describe, expect, it } from "vitest";
import { type Batch, Batches } from "./batches.ts";
import type { DocumentInput } from "../wire.ts";

const roomy = { documents: 256, bytes: 1024 * 1024, delay: 60_000 };

async function all(batches: Batches): Promise<readonly Batch[]> {
  const found: Batch[] = [];
  for (let batch = await batches.next(); batch !== undefined; batch = await batches.next()) found.push(batch);
  return found;
}

const titled = (count: number): readonly DocumentInput[] =>
  Array.from({ length: count }, (_, index) => ({ title: `${index + 1}`, text: "text" }));

describe("Batches", () => {
  it("hold each document once, in order, within the bounds", async () => {
    const documents = array(record({ title: string({ maxLength: 60 }), text: string({ maxLength: 300 }) }), {
      maxLength: 60,
    });
    const law = asyncProperty(
      documents,
      integer({ min: 1, max: 20 }),
      integer({ min: 1, max: 900 }),
      async (...given) => {
        const [source, documentCount, bytes] = given;
        const batches = await all(new Batches(source, { documents: documentCount, bytes, delay: 60_000 }));
        const entries = batches.flat();
        expect(entries.map(({ line }) => line)).toEqual(source.map((_, index) => index + 1));
        expect(entries.map(({ json }) => json)).toEqual(source.map((document) => JSON.stringify(document)));
        for (const batch of batches) {
          const size = batch.reduce((sum, { json }) => sum + Buffer.byteLength(String(json)) + 1, 0);
          expect(batch.length).toBeLessThanOrEqual(documentCount);
          expect(batch.length === 1 || size <= bytes).toBe(true);
        }
      },
    );
    await assert(law);
  });

  it("end before an id that they have, in whatever case", async () => {
    const id = "0198c5d2-7f3a-7c1e-9d2b-3f5e6a7b8c9d";
    const ids = [id, id.toUpperCase(), undefined, undefined, "a", "A", "a"];
    const source = ids.map((given) => ({ id: given, title: "t", text: "x" }));
    const batches = await all(new Batches(source, roomy));
    // The case of a UUID does not matter, that of any other id does.
    expect(batches.map((batch) => batch.map(({ line }) => line))).toEqual([[1], [2, 3, 4, 5, 6], [7]]);
  });

  it("do not wait for a source that has nothing at the moment", async () => {
    const more = Promise.withResolvers<void>();
    async function* source() {
      yield* titled(2);
      await more.promise;
      yield { title: "3", text: "text" };
    }
    const batches = new Batches(source(), { ...roomy, delay: 1 });
    expect((await batches.next())?.map(({ line }) => line)).toEqual([1, 2]);
    const last = batches.next();
    more.resolve();
    expect((await last)?.map(({ line }) => line)).toEqual([3]);
    expect(await batches.next()).toBeUndefined();
  });

  it("ask for no more than they hold", async () => {
    let asked = 0;
    function* source() {
      for (const document of titled(100)) {
        asked += 1;
        yield document;
      }
    }
    const batches = new Batches(source(), { ...roomy, documents: 10 });
    await batches.next();
    expect(asked).toBe(10);
  });

  it("tell of a document that is no JSON in its place", async () => {
    const circular: Record<string, unknown> & { title: string } = { title: "round", text: "x" };
    circular["self"] = circular;
    const [batch] = await all(new Batches([...titled(1), circular], roomy));
    expect(batch?.map(({ json }) => typeof json)).toEqual(["string", "object"]);
  });

  it("reject with the source's own error", async () => {
    const broken = new Error("no more");
    async function* source() {
      yield* titled(1);
      throw broken;
    }
    await expect(all(new Batches(source(), roomy))).rejects.toBe(broken);
  });
});
