import { rm } from "node:fs/promises";
import { join } from "node:path";
import { waitUntilIndexed } from "../arrwdb-library.ts";
import type { BenchContext } from "../bench-context.ts";
import { firstRows } from "../dataset.ts";
import { ArrwDbEngine } from "../engines/arrwdb.ts";
import { RecallCheck } from "../measure-searches.ts";
import { dimension } from "../profile.ts";
import type { RestartRow } from "../result.ts";

/** Searches that are compared with the exact answers right after a start, while an index may still be made. */
const searchesAfterStart = 50;

/** How soon a server serves a large library again, after each way to end. */
export async function measureRestart({ profile, progress, dataset, queries }: BenchContext): Promise<RestartRow[]> {
  const chunks = profile.restartChunks;
  const stored = firstRows(dataset, chunks);
  const check = new RecallCheck(stored, queries, searchesAfterStart, undefined);
  const engine = new ArrwDbEngine();
  const rows: RestartRow[] = [];
  const start = async (how: RestartRow["start"]) => {
    progress.say(`restart: ${how}`);
    const begin = performance.now();
    const { ready, firstSearch } = await engine.startServer();
    const recall = await check.measure(engine);
    const known = await waitUntilIndexed(engine.server.url, engine.libraryId);
    const indexed = known ? performance.now() - begin : null;
    rows.push({ start: how, chunks, ready, firstSearch, recall, indexed });
  };
  try {
    await engine.prepare(dimension, queries);
    await engine.ingest(stored, progress.work(`restart: ingesting ${chunks} chunks first`, chunks));
    await engine.stopServer();
    await start("after a clean stop");
    await engine.crashServer();
    await start("after a crash");
    await engine.stopServer();
    await rm(join(engine.server.directory, "indexes"), { recursive: true, force: true });
    await start("without saved indexes");
    return rows;
  } finally {
    await engine.stop();
  }
}
