import { writeFile } from "node:fs/promises";
import { availableParallelism, cpus, totalmem } from "node:os";
import { chartOf } from "./compare/chart.ts";
import type { BenchContext } from "./compare/bench-context.ts";
import { generateDataset, generateQueries, VectorSource } from "./compare/dataset.ts";
import { chooseEngine } from "./compare/engines/choose.ts";
import { engineNames, help, OptionError, type Options, readOptions } from "./compare/options.ts";
import { dimension, k, seed } from "./compare/profile.ts";
import { Progress } from "./compare/progress.ts";
import { readRealText, realTextDirectory } from "./compare/real-text.ts";
import { reportOf } from "./compare/report.ts";
import type { BenchResult } from "./compare/result.ts";
import { measureEngine, prepareChecks } from "./compare/scenarios/compare.ts";
import { measureIngestUnderSearch } from "./compare/scenarios/ingest-under-search.ts";
import { measureManyLibraries } from "./compare/scenarios/many-libraries.ts";
import { measureRestart } from "./compare/scenarios/restart.ts";
import { measureScaling } from "./compare/scenarios/scaling.ts";
import { measureText } from "./compare/scenarios/text.ts";
import { evaluateTargets } from "./compare/targets.ts";

/** arrwDB over HTTP beside its peers over their own clients: same vectors, same queries, same load, one after the other. */
async function run(options: Options, progress: Progress): Promise<BenchResult> {
  const { profile, scenarios } = options;
  const largest = Math.max(
    ...(scenarios.has("compare") || scenarios.has("ingest-under-search") ? [profile.chunks] : []),
    ...(scenarios.has("scaling") ? profile.scalingSizes : []),
    ...(scenarios.has("restart") ? [profile.restartChunks] : []),
    1_000,
  );
  const realText = scenarios.has("real-text") ? await compareOnRealText(options, progress) : null;
  const source = new VectorSource(dimension, seed);
  const dataset = await generateDataset(source, largest, progress.work(`making ${largest} vectors`, largest));
  const context: BenchContext = { profile, progress, dataset, queries: generateQueries(source, profile.queries) };

  const { engines, skipped } = scenarios.has("compare")
    ? await compare(options, context)
    : { engines: [], skipped: [] };
  const measured = {
    machine: {
      cores: availableParallelism(),
      processor: cpus()[0]?.model ?? "unknown processor",
      memory: totalmem(),
      platform: `${process.platform} ${process.arch}`,
      node: process.version,
      date: new Date().toISOString(),
    },
    realText,
    data: { chunks: profile.chunks, dimension, k, seed },
    engines,
    skipped,
    scaling: scenarios.has("scaling") ? await measureScaling(context) : [],
    ingestUnderSearch: scenarios.has("ingest-under-search") ? await measureIngestUnderSearch(context) : null,
    manyLibraries: scenarios.has("many-libraries") ? await measureManyLibraries(context) : null,
    restart: scenarios.has("restart") ? await measureRestart(context) : [],
    text: scenarios.has("text") ? await measureText(context) : null,
  };
  return { ...measured, targets: [...evaluateTargets(measured)] };
}

/** The comparison on real texts, whose recall tells more than that of generated vectors; null if they are not there. */
async function compareOnRealText(options: Options, progress: Progress): Promise<BenchResult["realText"]> {
  const found = await readRealText(options.realText ?? realTextDirectory, seed);
  if (found === undefined) {
    progress.say("there are no real texts; --real-text names the directory that holds them");
    return null;
  }
  const { count: chunks, dimension: numbers } = found.dataset;
  const context = { profile: { ...options.profile, chunks }, progress, ...found };
  return { chunks, dimension: numbers, ...(await compare(options, context)) };
}

async function compare(options: Options, context: BenchContext): Promise<Pick<BenchResult, "engines" | "skipped">> {
  const engines: BenchResult["engines"] = [];
  const skipped: BenchResult["skipped"] = [];
  context.progress.say("comparing every vector, to know the exact answers");
  const checks = prepareChecks(context);
  for (const name of engineNames.filter((known) => options.engines.has(known))) {
    const choice = await chooseEngine(name, options);
    if ("skipped" in choice) skipped.push({ name, reason: choice.skipped });
    else {
      try {
        engines.push(await measureEngine(choice.engine, checks, context));
      } catch (error) {
        // The other engines are worth their figures all the same.
        skipped.push({ name, reason: `it failed: ${error instanceof Error ? error.message : String(error)}` });
      }
    }
  }
  return { engines, skipped };
}

async function main(): Promise<void> {
  const argv = process.argv.slice(2);
  if (argv.includes("--help")) {
    process.stdout.write(help);
    return;
  }
  const options = readOptions(argv, process.env);
  // What it started itself ends with it.
  process.once("SIGINT", () => process.exit(130));
  process.once("SIGTERM", () => process.exit(143));
  const progress = new Progress();
  const result = await run(options, progress).finally(() => progress.end());
  if (options.chart !== undefined) await writeFile(options.chart, chartOf(result));
  process.stdout.write(options.json ? `${JSON.stringify(result)}\n` : `${reportOf(result)}\n`);
}

main().catch((error: unknown) => {
  const told =
    error instanceof OptionError ? `${error.message}\n\n${help}` : String(error instanceof Error ? error.stack : error);
  process.stderr.write(`${told}\n`);
  process.exit(1);
});
