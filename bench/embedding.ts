import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { BuiltinEmbedder } from "../server/src/embedding/builtin/builtin-embedder.ts";
import type { Embedder } from "../server/src/embedding/embedder.ts";
import { BareModel } from "./support/bare-model.ts";
import { summary, type Summary } from "./support/figures.ts";
import { generateTexts } from "./support/texts.ts";

/**
 * How much of the bare model's speed the built-in embedder keeps: the model on bare threads that share nothing but a
 * counter, and BuiltinEmbedder under 64 concurrent requests of 8 texts, over the same texts, turn by turn.
 */
const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    texts: { type: "string", default: "600" },
    threads: { type: "string", default: String(availableParallelism()) },
  },
});
const rounds = Number(values.rounds);
const threads = Number(values.threads);
const texts = generateTexts(Number(values.texts));
const textsPerRequest = 8;
const concurrentRequests = 64;

async function embedAll(embedder: Embedder): Promise<void> {
  const starts = texts.keys().filter((index) => index % textsPerRequest === 0);
  const client = async () => {
    for (const start of starts) {
      const results = await embedder.embed({ texts: texts.slice(start, start + textsPerRequest), purpose: "document" });
      for (const result of results) if ("error" in result) throw result.error;
    }
  };
  await Promise.all(Array.from({ length: concurrentRequests }, client));
}

async function textsPerSecond(run: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await run();
  return texts.length / ((performance.now() - begin) / 1000);
}

const bare = new BareModel(threads, texts, textsPerRequest);
const builtin = new BuiltinEmbedder({ threads });
await bare.start();
await builtin.start();
const bareRates: number[] = [];
const builtinRates: number[] = [];
for (let round = 0; round < rounds; round++) {
  bareRates.push(await textsPerSecond(() => bare.run()));
  builtinRates.push(await textsPerSecond(() => embedAll(builtin)));
}
await bare.close();
await builtin.close();

const ratios = bareRates.map((rate, round) => (builtinRates[round] ?? 0) / rate);
const result = {
  texts: texts.length,
  threads,
  rounds,
  bare: summary(bareRates),
  builtin: summary(builtinRates),
  ratio: summary(ratios),
};

const row = (name: string, { median, min, max }: Summary, digits: number) =>
  `${name.padEnd(34)}${[median, min, max].map((number) => number.toFixed(digits).padStart(10)).join("")}\n`;
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${texts.length} texts, ${threads} threads, ${rounds} rounds, turn by turn\n${" ".repeat(34)}    median       min       max\n${row("bare model, texts/s", result.bare, 1)}${row("BuiltinEmbedder, texts/s", result.builtin, 1)}${row("ratio within a round", result.ratio, 3)}`,
);
