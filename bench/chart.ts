import { readFile, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { chartOf } from "./compare/chart.ts";
import { benchResult } from "./compare/result.ts";

/** Draws a result that `npm run bench -- --json` printed: `npm run bench:chart -- RESULT.json [CHART.svg]`. */
const [source, target = fileURLToPath(new URL("../docs/images/benchmark.svg", import.meta.url))] =
  process.argv.slice(2);
if (source === undefined) throw new Error("Give the file that npm run --silent bench -- --json was written to");
await writeFile(target, chartOf(benchResult.parse(JSON.parse(await readFile(source, "utf8")))));
process.stdout.write(`${target}\n`);
