import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { BareModel } from "./support/bare-model.ts";
import { summary } from "./support/figures.ts";
import { createLibrary, startServer, upload } from "./support/server.ts";
import { generateTexts } from "./support/texts.ts";

/**
 * How much of the bare model's speed an upload keeps: the model on bare threads, and one NDJSON upload of the same texts
 * over HTTP until each is on disk and searchable, turn by turn. The embedding cache would make a repeated text free, so each round
 * has texts of its own, which both sides get.
 */
const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    rounds: { type: "string", default: "5" },
    texts: { type: "string", default: "600" },
  },
});
const rounds = Number(values.rounds);
const count = Number(values.texts);
const threads = availableParallelism();
const textsPerCall = 8;

async function textsPerSecond(run: () => Promise<void>): Promise<number> {
  const begin = performance.now();
  await run();
  return count / ((performance.now() - begin) / 1000);
}

const server = await startServer();
const bareRates: number[] = [];
const ingestionRates: number[] = [];
for (let round = 0; round < rounds; round++) {
  const texts = generateTexts(count).map((text) => `${text} (round ${round})`);
  const bare = new BareModel(threads, texts, textsPerCall);
  await bare.start();
  const libraryId = await createLibrary(server.url);
  const runs = [
    async () => void bareRates.push(await textsPerSecond(() => bare.run())),
    async () => {
      const documents = texts.map((text, index) => ({ title: `${index}`, texts: [text] }));
      ingestionRates.push(await textsPerSecond(() => upload(server.url, libraryId, documents)));
    },
  ];
  // Who goes first changes, so that neither always has the warmer machine.
  for (const run of round % 2 === 0 ? runs : runs.toReversed()) await run();
  await bare.close();
}
await server.stop();

const ratio = summary(ingestionRates.map((rate, round) => rate / (bareRates[round] ?? 1)));
const result = { texts: count, threads, rounds, bare: summary(bareRates), ingestion: summary(ingestionRates), ratio };
const row = (name: string, { median, min, max }: typeof ratio, digits: number) =>
  `${name.padEnd(34)}${[median, min, max].map((number) => number.toFixed(digits).padStart(10)).join("")}\n`;
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${count} texts, ${threads} threads, ${rounds} rounds, turn by turn\n${" ".repeat(34)}    median       min       max\n${row("bare model, texts/s", result.bare, 1)}${row("NDJSON upload, texts/s", result.ingestion, 1)}${row("ratio within a round", ratio, 3)}`,
);
