import { parseArgs } from "node:util";
import { alignTable } from "./compare/table.ts";
import { Progress } from "./compare/progress.ts";
import { readCollection } from "./relevance/collection.ts";
import { measureRelevance, modes } from "./relevance/measure.ts";
import { startServer } from "./support/server.ts";

/** How well each mode of search ranks a test collection of documents, questions and judgements, with the built-in model. */
const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const [directory] = positionals;
if (directory === undefined) {
  process.stderr.write("npm run bench:relevance -- [--json] DIRECTORY\nA collection as BEIR has them, or Cranfield.\n");
  process.exit(2);
}

const collection = await readCollection(directory);
const progress = new Progress();
const server = await startServer();
const total = collection.documents.length;
const result = await measureRelevance(server.url, collection, progress.work(`embedding ${total} documents`, total));
progress.end();
await server.stop();
const rows = modes.map((mode) => [mode, result.means[mode].toFixed(4)]);
process.stdout.write(
  values.json
    ? `${JSON.stringify(result)}\n`
    : `${result.documents} documents, ${result.questions} questions, built-in model\n${alignTable(["", "nDCG@10"], rows)}\nhybrid / better of the others: ${result.ratio.toFixed(3)}\n`,
);
