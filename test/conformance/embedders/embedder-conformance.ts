import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Embedder, EmbeddingPurpose, EmbedResult } from "../../../server/src/embedding/embedder.ts";
import { cosineDistance } from "../../support/data/vectors.ts";

export interface EmbedderHarness {
  readonly embedder: Embedder;
  readonly destroy: () => Promise<void>;
  /** A text for which the model, or its provider, fails; for those that can be brought to it. */
  readonly failingText?: string | undefined;
}

export const purposes = ["document", "query"] as const satisfies readonly EmbeddingPurpose[];

export function vectorOf(result: EmbedResult | undefined): Float32Array<ArrayBuffer> {
  if (result === undefined) throw new Error("There is no such result");
  if ("error" in result) throw result.error;
  return result.vector;
}

/** Texts that differ in words, so that their vectors differ too. */
export const numbered = (count: number): string[] =>
  Array.from({ length: count }, (_, index) => `Number ${index} of the things that were found near the river`);

const oddTexts: Readonly<Record<string, string>> = {
  "one character": "x",
  "an emoji of several code points": "👩‍👩‍👧‍👦",
  "other scripts": "Живая вода, 東京の夜、مرحبا, e\u0301 and é",
  "much white space": `  \n\t ${" ".repeat(3_000)} a word \r\n ${"\t".repeat(3_000)}`,
  "nothing but white space": " \n\t ",
  "a long text": "The wind carried the sand over the road. ".repeat(250),
  "a long word without a place to cut": "ab🙂".repeat(1_500),
};

/** What every Embedder promises. */
export function describeEmbedder(name: string, makeEmbedder: () => Promise<EmbedderHarness>): void {
  describe(`Embedder: ${name}`, () => {
    let harness: EmbedderHarness;
    let embedder: Embedder;

    beforeAll(async () => {
      harness = await makeEmbedder();
      embedder = harness.embedder;
    });
    afterAll(() => harness.destroy());

    async function embed(texts: readonly string[], purpose: EmbeddingPurpose = "document") {
      return (await embedder.embed({ texts, purpose })).map(vectorOf);
    }

    it("tells sane limits", () => {
      expect(embedder.id).not.toBe("");
      expect(embedder.dimension).toBeGreaterThan(0);
      expect(embedder.limits.textsPerCall).toBeGreaterThan(0);
      expect(embedder.limits.parallelCalls).toBeGreaterThan(0);
    });

    it.each(purposes)("gives a unit vector of its dimension for each text, as a %s", async (purpose) => {
      const vectors = await embed(["a first text", "a second, longer text about rivers", "a third"], purpose);
      expect(vectors).toHaveLength(3);
      for (const vector of vectors) {
        expect(vector).toBeInstanceOf(Float32Array);
        expect(vector).toHaveLength(embedder.dimension);
        expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
      }
    });

    it.each(Object.entries(oddTexts))("embeds %s", async (_, text) => {
      const [vector = new Float32Array()] = await embed([text]);
      expect(vector).toHaveLength(embedder.dimension);
      expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    });

    it.each(purposes)("keeps the order and gives one text the same vector in any batch, as a %s", async (purpose) => {
      const texts = numbered(embedder.limits.textsPerCall + 3);
      const together = await embed(texts, purpose);
      expect(together).toHaveLength(texts.length);
      const probes = [0, 1, embedder.limits.textsPerCall - 1, embedder.limits.textsPerCall, texts.length - 1];
      for (const probe of probes) {
        const [alone = []] = await embed([texts[probe] ?? ""], purpose);
        const distances = together.map((vector) => cosineDistance(vector, alone));
        expect(distances[probe]).toBeCloseTo(0, 5);
        expect(distances.indexOf(Math.min(...distances))).toBe(probe);
      }
    });

    it("gives a text that stands twice in a request two results", async () => {
      const [first, other, second] = await embed(["the same text", "another text", "the same text"]);
      expect(second).toEqual(first);
      expect(second).not.toBe(first);
      expect(other).not.toEqual(first);
    });

    it("serves requests at the same time, each with its own results", async () => {
      const requests = numbered(24).map((text, index) => [text, `${text}, request ${index}`]);
      const answers = await Promise.all(
        requests.map((texts, index) => embed(texts, index % 2 === 0 ? "document" : "query")),
      );
      for (const [index, texts] of requests.entries()) {
        const again = await embed(texts, index % 2 === 0 ? "document" : "query");
        for (const [position, vector] of again.entries()) {
          expect(cosineDistance(vector, answers[index]?.[position] ?? [])).toBeCloseTo(0, 5);
        }
      }
    });

    it.each(purposes)("rejects a %s request whose signal has aborted", async (purpose) => {
      const reason = new Error("no longer wanted");
      const signal = AbortSignal.abort(reason);
      await expect(embedder.embed({ texts: ["a text"], purpose, signal })).rejects.toBe(reason);
    });

    it.each(purposes)("rejects a %s request when its signal aborts, and goes on for others", async (purpose) => {
      const controller = new AbortController();
      const texts = numbered(embedder.limits.textsPerCall * 2).map((text) => `${text}, left by its ${purpose}`);
      const left = embedder.embed({ texts, purpose, signal: controller.signal });
      const stayed = embedder.embed({ texts: texts.slice(0, 2), purpose });
      const reason = new Error("the client is gone");
      controller.abort(reason);
      await expect(left).rejects.toBe(reason);
      expect((await stayed).map(vectorOf)).toHaveLength(2);
    });

    it("fails a text by itself", async ({ skip }) => {
      const { failingText } = harness;
      if (failingText === undefined) return skip("this one cannot be brought to fail");
      const results = await embedder.embed({ texts: ["before", failingText, "after"], purpose: "document" });
      const [before, failed, after] = results;
      expect(vectorOf(before)).toHaveLength(embedder.dimension);
      expect(vectorOf(after)).toHaveLength(embedder.dimension);
      const error = failed !== undefined && "error" in failed ? failed.error : undefined;
      expect(error).toBeInstanceOf(ArrwError);
      expect(error).toMatchObject({ code: expect.stringMatching(/^embedder_/) });
    });

    it("rejects what is in progress, and all that comes later, once it is closed", async () => {
      const own = await makeEmbedder();
      const closed = { code: "shutting_down" };
      const documents = own.embedder.embed({ texts: numbered(50), purpose: "document" });
      const query = own.embedder.embed({ texts: ["a query"], purpose: "query" });
      const outcomes = Promise.allSettled([documents, query]);
      await own.embedder.close();
      for (const outcome of await outcomes) expect(outcome).toMatchObject({ status: "rejected", reason: closed });
      for (const purpose of purposes) {
        await expect(own.embedder.embed({ texts: ["late"], purpose })).rejects.toMatchObject(closed);
      }
      await own.embedder.close();
      await own.destroy();
    });
  });
}
