import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { percentile } from "../../support/figures.ts";
import type { BenchContext } from "../bench-context.ts";
import { firstRows } from "../dataset.ts";
import { ArrwDbEngine } from "../engines/arrwdb.ts";
import { type LoadFigures, runLoad } from "../load.ts";
import { dimension, k, seed } from "../profile.ts";
import type { IngestUnderSearch } from "../result.ts";
import type { UploadOrder } from "./upload-worker.ts";

const inFlight = 8;
/** An upload that takes longer than this is too slow to wait for. */
const patience = 600_000;

const ofLoad = ({ latencies }: LoadFigures) => ({ p50: percentile(latencies, 50), p99: percentile(latencies, 99) });

/** How long searches take while an upload runs as fast as it can, beside the same searches alone. */
export async function measureIngestUnderSearch(context: BenchContext): Promise<IngestUnderSearch> {
  const { profile, progress, queries } = context;
  const dataset = firstRows(context.dataset, profile.chunks);
  const engine = new ArrwDbEngine();
  const counter = { turn: 0 };
  const load = (milliseconds: number, signal?: AbortSignal) =>
    runLoad(
      (turn) => engine.search({ query: turn % queries.length }, k),
      { inFlight, milliseconds, ...(signal === undefined ? {} : { signal }) },
      counter,
    );
  try {
    await engine.prepare(dimension, queries);
    const onRows = progress.work(`ingest under search: ${dataset.count} chunks first`, dataset.count);
    await engine.ingest(dataset, onRows);
    progress.say("ingest under search: searching alone");
    await load(profile.warmUpMilliseconds * 2);
    const idle = await load(profile.loadMilliseconds * profile.rounds);

    const order: UploadOrder = {
      url: engine.server.url,
      libraryId: engine.libraryId,
      dimension,
      seed: seed + 3,
      chunks: profile.chunksUnderSearch,
    };
    // On a thread of its own, so that what is timed is not the time of the one that uploads.
    const worker = new Worker(new URL("./upload-worker.ts", import.meta.url), { workerData: order });
    await once(worker, "message");
    progress.say(`ingest under search: searching while ${order.chunks} chunks are uploaded`);
    const done = new AbortController();
    const uploaded = once(worker, "message").finally(() => done.abort());
    const begin = performance.now();
    worker.postMessage("go");
    const ingesting = await load(patience, done.signal);
    await uploaded;
    const seconds = (performance.now() - begin) / 1000;
    await worker.terminate();
    return {
      chunks: dataset.count,
      inFlight,
      idle: ofLoad(idle),
      ingesting: ofLoad(ingesting),
      ingestRate: order.chunks / seconds,
      searchRate: ingesting.rate,
    };
  } finally {
    await engine.stop();
  }
}
