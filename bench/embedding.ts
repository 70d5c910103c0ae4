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

/** One pass over all texts. The processor's time, unlike the rate, does not depend on what else the machine does. */
async function measure(run: () => Promise<void>): Promise<{ rate: number; cpu: number }> {
  const before = process.cpuUsage();
  const begin = performance.now();
  await run();
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(before);
  return { rate: texts.length / seconds, cpu: (user + system) / 1000 / texts.length };
}

const bare = new BareModel(threads, texts, textsPerRequest);
const builtin = new BuiltinEmbedder({ threads });
await bare.start();
await builtin.start();
const bareRuns: { rate: number; cpu: number }[] = [];
const builtinRuns: { rate: number; cpu: number }[] = [];
for (let round = 0; round < rounds; round++) {
  bareRuns.push(await measure(() => bare.run()));
  builtinRuns.push(await measure(() => embedAll(builtin)));
}
await bare.close();
await builtin.close();

const rates = (runs: readonly { rate: number }[]) => runs.map(({ rate }) => rate);
const cpus = (runs: readonly { cpu: number }[]) => runs.map(({ cpu }) => cpu);
const result = {
  texts: texts.length,
  threads,
  rounds,
  bare: summary(rates(bareRuns)),
  builtin: summary(rates(builtinRuns)),
  ratio: summary(rates(bareRuns).map((rate, round) => (builtinRuns[round]?.rate ?? 0) / rate)),
  bareCpu: summary(cpus(bareRuns)),
  builtinCpu: summary(cpus(builtinRuns)),
};

const row = (name: string, { median, min, max }: Summary, digits: number) =>
  `${name.padEnd(34)}${[median, min, max].map((number) => number.toFixed(digits).padStart(10)).join("")}\n`;
const table = [
  `${texts.length} texts, ${threads} threads, ${rounds} rounds, turn by turn\n`,
  `${" ".repeat(34)}    median       min       max\n`,
  row("bare model, texts/s", result.bare, 1),
  row("BuiltinEmbedder, texts/s", result.builtin, 1),
  row("ratio within a round", result.ratio, 3),
  row("bare model, CPU ms a text", result.bareCpu, 2),
  row("BuiltinEmbedder, CPU ms a text", result.builtinCpu, 2),
];
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : table.join(""));
