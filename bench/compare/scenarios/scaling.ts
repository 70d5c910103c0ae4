import type { BenchContext } from "../bench-context.ts";
import { firstRows } from "../dataset.ts";
import { ArrwDbEngine } from "../engines/arrwdb.ts";
import { measureSearches, RecallCheck } from "../measure-searches.ts";
import { dimension } from "../profile.ts";
import type { ScalingRow } from "../result.ts";

/** arrwDB alone, one search at a time, while a library grows. */
export async function measureScaling({ profile, progress, dataset, queries }: BenchContext): Promise<ScalingRow[]> {
  const engine = new ArrwDbEngine();
  const rows: ScalingRow[] = [];
  let stored = 0;
  try {
    await engine.prepare(dimension, queries);
    for (const chunks of profile.scalingSizes) {
      const grown = firstRows(dataset, chunks);
      await engine.ingestFrom(grown, stored, progress.work(`scaling: up to ${chunks} chunks`, chunks - stored));
      stored = chunks;
      const check = new RecallCheck(grown, queries, profile.recallSearches, undefined);
      const recall = await check.measure(engine);
      const [cell] = await measureSearches(engine, [{ inFlight: 1, field: undefined }], queries.length, profile);
      if (cell !== undefined) rows.push({ chunks, recall, rate: cell.rate, p50: cell.p50, p99: cell.p99 });
    }
    return rows;
  } finally {
    await engine.stop();
  }
}
