import { seededRandom } from "../../../test/support/data/vectors.ts";
import { percentile } from "../../support/figures.ts";
import { LeanHttp } from "../../support/lean-http.ts";
import { RestartableServer } from "../../support/server-under-test.ts";
import { base64Of, createVectorLibrary, documentLines } from "../arrwdb-library.ts";
import type { BenchContext } from "../bench-context.ts";
import { firstRows } from "../dataset.ts";
import { inParallel } from "../load.ts";
import { dimension, seed } from "../profile.ts";
import type { ManyLibraries } from "../result.ts";

const chunksPerLibrary = 10;
const atOnce = 32;
/** Libraries whose first search after the start is timed by itself. */
const timedSearches = 200;

/** A server with very many small libraries: how it starts, what it takes, and what the first search in one takes. */
export async function measureManyLibraries({
  profile,
  progress,
  dataset,
  queries,
}: BenchContext): Promise<ManyLibraries> {
  const server = await RestartableServer.start();
  try {
    const onLibrary = progress.work(`many libraries: making ${profile.libraries}`, profile.libraries);
    const rows = firstRows(dataset, Math.min(dataset.count, 1_000));
    const uploading = new LeanHttp(server.url, atOnce);
    const libraryIds = await inParallel(
      Array.from({ length: profile.libraries }).keys().toArray(),
      atOnce,
      async (n) => {
        const id = await createVectorLibrary(server.url, dimension);
        const start = (n * chunksPerLibrary) % (rows.count - chunksPerLibrary + 1);
        const [body] = documentLines(rows, start, start + chunksPerLibrary);
        await uploading.post(`/v1/libraries/${id}/documents/stream`, body ?? "", "application/x-ndjson");
        onLibrary(1);
        return id;
      },
    );
    await uploading.close();

    progress.say("many libraries: starting again");
    await server.stop();
    const ready = await server.startAgain();
    const memoryReady = await server.memory();
    const http = new LeanHttp(server.url, atOnce);
    const random = seededRandom(seed);
    const shuffled = libraryIds
      .map((id) => ({ id, order: random() }))
      .toSorted((a, b) => a.order - b.order)
      .map(({ id }) => id);
    const search = async (id: string) => {
      const embedding = base64Of(queries[Math.floor(random() * queries.length)] ?? new Float32Array(dimension));
      await http.post(`/v1/libraries/${id}/search`, `{"embedding":"${embedding}"}`, "application/json");
    };
    // The process is warm, the libraries that are timed are not.
    for (const id of shuffled.slice(0, 20)) await search(id);
    const taken: number[] = [];
    for (const id of shuffled.slice(20, 20 + timedSearches)) {
      const begin = performance.now();
      await search(id);
      taken.push(performance.now() - begin);
    }
    await inParallel(shuffled, atOnce, search);
    const memorySearched = await server.memory();
    await http.close();
    const coldSearch = { p50: percentile(taken, 50), p99: percentile(taken, 99), max: Math.max(...taken) };
    return { libraries: profile.libraries, ready, memoryReady, memorySearched, coldSearch };
  } finally {
    await server.remove();
  }
}
