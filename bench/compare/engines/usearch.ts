import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BatchMatches, Index, MetricKind, ScalarKind } from "usearch";
import { privateMemory } from "../../../test/support/server/private-memory.ts";
import { collectGarbage } from "../../support/collect-garbage.ts";
import type { Dataset } from "../dataset.ts";
import type { Engine, IngestTimes, RestartTimes } from "../engine.ts";
import type { SearchRequest } from "../requests.ts";

const allThreads = 0;
const batch = 1_000;

interface Waiting {
  readonly query: number;
  readonly k: number;
  readonly resolve: (rows: readonly number[]) => void;
}

/**
 * The bare index in this process: no server, no disk, no text, no filter. What is fastest here bounds what any server
 * around it can do. Searches that wait together are one call on all cores.
 */
export class UsearchEngine implements Engine {
  readonly name = "usearch";
  readonly setting = "in process, HNSW, f16, M 16, efConstruction 128";
  readonly durability = "none";
  readonly indexesWhileIngesting = true;
  readonly filters = false;
  readonly efforts = [64, 96, 128, 192, 256, 512];
  #dimension = 0;
  #index = this.#open(64);
  #effort = 64;
  #directory = "";
  #queries: readonly Float32Array[] = [];
  #waiting: Waiting[] = [];

  async prepare(dimension: number, queries: readonly Float32Array<ArrayBuffer>[]): Promise<void> {
    this.#dimension = dimension;
    this.#queries = queries;
    this.#index = this.#open(this.#effort);
    this.#directory = await mkdtemp(join(tmpdir(), "arrwdb-bench-usearch-"));
  }

  async ingest(dataset: Dataset, onRows: (rows: number) => void): Promise<IngestTimes> {
    const begin = performance.now();
    for (let start = 0; start < dataset.count; start += batch) {
      const end = Math.min(dataset.count, start + batch);
      const keys = BigUint64Array.from({ length: end - start }, (_, row) => BigInt(start + row));
      const rows = dataset.vectors.subarray(start * this.#dimension, end * this.#dimension);
      this.#index.add(keys, rows, allThreads);
      onRows(end - start);
    }
    const milliseconds = performance.now() - begin;
    return { searchable: milliseconds, indexed: milliseconds };
  }

  async setEffort(effort: number): Promise<void> {
    if (effort === this.#effort) return;
    this.#effort = effort;
    this.#reload();
  }

  search({ query }: SearchRequest, k: number): Promise<readonly number[]> {
    return new Promise((resolve) => {
      if (this.#waiting.push({ query, k, resolve }) === 1) setImmediate(() => this.#answer());
    });
  }

  async memory(): Promise<number> {
    collectGarbage();
    return privateMemory(process.pid);
  }

  async diskBytes(): Promise<number> {
    this.#index.save(this.#file);
    return (await stat(this.#file)).size;
  }

  async restart(): Promise<RestartTimes> {
    if (this.#index.size() === 0) return { ready: 0, firstSearch: 0 };
    this.#index.save(this.#file);
    this.#index = this.#open(this.#effort);
    const begin = performance.now();
    this.#index.load(this.#file);
    const ready = performance.now() - begin;
    await this.search({ query: 0 }, 10);
    return { ready, firstSearch: performance.now() - begin };
  }

  async stop(): Promise<void> {
    this.#index = this.#open(this.#effort);
    await rm(this.#directory, { recursive: true, force: true });
  }

  get #file(): string {
    return join(this.#directory, "index.usearch");
  }

  #open(effort: number): Index {
    return new Index({
      dimensions: this.#dimension || 1,
      metric: MetricKind.Cos,
      quantization: ScalarKind.F16,
      connectivity: 16,
      expansion_add: 128,
      expansion_search: effort,
      multi: false,
    });
  }

  /** The effort of an index stands when it is opened. */
  #reload(): void {
    this.#index.save(this.#file);
    this.#index = this.#open(this.#effort);
    this.#index.load(this.#file);
  }

  #answer(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    const matrix = new Float32Array(waiting.length * this.#dimension);
    for (const [row, { query }] of waiting.entries()) matrix.set(this.#queries[query] ?? [], row * this.#dimension);
    const found = this.#index.search(matrix, waiting[0]?.k ?? 1, allThreads);
    for (const [row, { resolve }] of waiting.entries()) {
      const start = found instanceof BatchMatches ? row * found.k : 0;
      const end = found instanceof BatchMatches ? start + Number(found.counts[row] ?? 0n) : found.keys.length;
      resolve(Array.from(found.keys.subarray(start, end), Number));
    }
  }
}
