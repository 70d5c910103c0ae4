import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { normalize } from "@arrwdb/protocol/documents/vector";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cosineDistance } from "../../../../test/support/data/vectors.ts";
import type { EmbedResult } from "../embedder.ts";
import { BuiltinEmbedder } from "./builtin-embedder.ts";
import { splitWindows } from "./token-windows.ts";

const worker = new URL("../../../../test/support/embedding/failing-model-worker.ts", import.meta.url);
const miscounting = new URL("../../../../test/support/embedding/miscounting-model-worker.ts", import.meta.url);
const unloadable = new URL("../../../../test/support/embedding/unloadable-model-worker.ts", import.meta.url);

const codeOf = (result: EmbedResult | undefined) => {
  if (result === undefined || "vector" in result) return result === undefined ? "missing" : "vector";
  return result.error instanceof ArrwError ? result.error.code : result.error.message;
};

describe("The built-in model", () => {
  const embedder = new BuiltinEmbedder({ threads: 2, worker });
  beforeAll(() => embedder.start());
  afterAll(() => embedder.close());

  const embed = async (texts: readonly string[]) => {
    const results = await embedder.embed({ texts, purpose: "document" });
    return results.map((result) => ("vector" in result ? result.vector : new Float32Array()));
  };

  it("puts near what means the same", async () => {
    const [cat = [], kitten = [], bank = []] = await embed([
      "A cat sleeps on the sofa",
      "The kitten is napping on the couch",
      "The central bank raised its interest rates",
    ]);
    expect(cosineDistance(cat, kitten)).toBeLessThan(cosineDistance(cat, bank));
  });

  it("takes in the end of a long text too", async () => {
    const long = "The sand moves over the road in the wind. ".repeat(40);
    const [one = [], other = [], topic = []] = await embed([
      `${long}${"Interest rates were raised by the central bank. ".repeat(20)}`,
      `${long}${"Kittens drink milk. ".repeat(40)}`,
      "Interest rates were raised by the central bank.",
    ]);
    expect(cosineDistance(one, topic)).toBeLessThan(cosineDistance(other, topic));
  });

  it("averages the windows of a long text by their length", async () => {
    const short = "Kittens drink warm milk. ".repeat(8);
    const long = "interest-rates-of-the-central-bank-".repeat(13);
    expect(splitWindows(short + long)).toEqual([short, long]);
    const [whole = [], first = new Float32Array(), second = new Float32Array()] = await embed([
      short + long,
      short,
      long,
    ]);
    const mean = first.map((number, index) => number * short.length + (second[index] ?? 0) * long.length);
    expect(cosineDistance(whole, normalize(mean) ?? [])).toBeCloseTo(0, 6);
  });

  it.each(["EXIT THE THREAD", "THROW AN ERROR"])("outlives a text that makes it %s", async (fatal) => {
    const texts = Array.from({ length: 40 }, (_, index) => (index === 17 ? fatal : `text ${index}`));
    const results = await embedder.embed({ texts, purpose: "document" });
    expect(results.map(codeOf)).toEqual(texts.map((text) => (text === fatal ? "embedder_failed" : "vector")));
    expect((await embedder.embed({ texts: ["after it"], purpose: "query" })).map(codeOf)).toEqual(["vector"]);
  });

  it("fails texts that have no direction, and those alone", async () => {
    const texts = ["before", "GIVE ZEROS", "between", "GIVE NAN"];
    const results = await embedder.embed({ texts, purpose: "document" });
    expect(results.map(codeOf)).toEqual(["vector", "embedder_failed", "vector", "embedder_failed"]);
  });

  it("lets a query overtake the documents that wait, even those that the thread has at hand", async () => {
    const single = new BuiltinEmbedder({ threads: 1 });
    await single.start();
    const order: string[] = [];
    const documents = Array.from({ length: 6 }, async (_, index) => {
      const texts = Array.from({ length: 8 }, (__, text) => `document ${index}, text ${text}`);
      await single.embed({ texts, purpose: "document" });
      order.push("document");
    });
    await single.embed({ texts: ["a query"], purpose: "query" });
    order.push("query");
    await Promise.all(documents);
    // At most the batch in work comes before it.
    expect(order.indexOf("query")).toBeLessThanOrEqual(1);
    await single.close();
  });

  it("gives uploads equal parts of a thread, whoever came first and however long their texts are", async () => {
    const single = new BuiltinEmbedder({ threads: 1 });
    await single.start();
    const done = { large: 0, small: 0 };
    const upload = (name: keyof typeof done, count: number, length: number) => {
      const flow = {};
      return Promise.all(
        Array.from({ length: count }, async (_, index) => {
          const text = `${name} ${index}, with ${"as many words ".repeat(100)}`.slice(0, length);
          await single.embed({ texts: [text], purpose: "document", flow });
          done[name]++;
        }),
      );
    };
    const large = upload("large", 40, 500);
    await upload("small", 30, 100);
    // 3,000 characters of the one, and about as many of the other, besides what the thread had before.
    expect(done.large).toBeLessThanOrEqual(8);
    expect(done.large).toBeGreaterThanOrEqual(4);
    await large;
    expect(done).toEqual({ large: 40, small: 30 });
    await single.close();
  });

  it("drops the texts of a request that was left", async () => {
    const controller = new AbortController();
    const texts = Array.from({ length: 20_000 }, (_, index) => `nobody waits for text ${index}`);
    const left = embedder.embed({ texts, purpose: "document", signal: controller.signal });
    controller.abort(new Error("gone"));
    await expect(left).rejects.toThrow("gone");
    // Comes in time only if the others were dropped: all of them would take minutes.
    expect((await embedder.embed({ texts: ["a document"], purpose: "document" })).map(codeOf)).toEqual(["vector"]);
  });
});

describe("A model that cannot be loaded", () => {
  it("fails the start, and texts that come without one, in words", async () => {
    const embedder = new BuiltinEmbedder({ threads: 2, worker: unloadable });
    const unavailable = { code: "embedder_unavailable", message: expect.stringContaining("the weights are not there") };
    await expect(embedder.start()).rejects.toMatchObject(unavailable);
    const texts = Array.from({ length: 100 }, (_, index) => `text ${index}`);
    const results = await embedder.embed({ texts, purpose: "document" });
    expect(results.map(codeOf)).toEqual(texts.map(() => "embedder_unavailable"));
    await embedder.close();
  });
});

/** What a process of its own prints. */
const run = async (script: string) => {
  const source = `const { BuiltinEmbedder } = await import(${JSON.stringify(new URL("builtin-embedder.ts", import.meta.url).href)});
    const embedder = new BuiltinEmbedder({ threads: 2 });
    ${script}`;
  return (await promisify(execFile)(process.execPath, ["-e", source])).stdout;
};

describe("The process", () => {
  it("stays for texts that somebody awaits, and ends with idle threads", async () => {
    const script = `await embedder.embed({ texts: ["first"], purpose: "query" });
      const [result] = await embedder.embed({ texts: ["second"], purpose: "query" });
      process.stdout.write(String(result.vector.length));`;
    expect(await run(script)).toBe("512");
  });

  it("ends after a close in the midst of work", async () => {
    const script = `const texts = Array.from({ length: 100 }, (_, index) => "text " + index);
      const left = embedder.embed({ texts, purpose: "document" }).catch((error) => process.stdout.write(error.code));
      await embedder.close();
      await left;`;
    expect(await run(script)).toBe("shutting_down");
  });
});

describe("A thread whose answer does not fit", () => {
  const embedder = new BuiltinEmbedder({ threads: 1, worker: miscounting });
  afterAll(() => embedder.close());

  it.each(["ONE TOO MANY", "ONE TOO FEW", "ANOTHER BATCH"])("by %s fails the text, and no other", async (fault) => {
    const texts = ["before", `please give ${fault}`, "after"];
    const results = await embedder.embed({ texts, purpose: "document" });
    expect(results.map(codeOf)).toEqual(["vector", "embedder_failed", "vector"]);
  });
});
