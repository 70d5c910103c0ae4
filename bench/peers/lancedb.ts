import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type Connection, Index, type Table } from "@lancedb/lancedb";
import { privateMemory } from "../../test/support/server/private-memory.ts";
import { type Dataset, filterFieldNames, textOf } from "../compare/dataset.ts";
import type { Engine, IngestTimes, RestartTimes } from "../compare/engine.ts";
import type { SearchRequest } from "../compare/requests.ts";
import { collectGarbage } from "../support/collect-garbage.ts";
import { directoryBytes } from "../support/directory-bytes.ts";

const name = "chunks";
const columns = ["id", "text", ...filterFieldNames, "_distance"];
const batch = 1_000;

/** LanceDB in this process: rows first, then an index over them. */
export class LanceDbEngine implements Engine {
  readonly name = "LanceDB";
  readonly setting = "in process, HNSW-SQ, m 16, ef_construction 128, refined, B-trees on the fields";
  readonly durability = "files written, not synced";
  readonly indexesWhileIngesting = false;
  readonly filters = true;
  readonly efforts = [64, 100, 150, 200, 400];
  #directory = "";
  #connection: Connection | undefined;
  #table: Table | undefined;
  #queries: readonly Float32Array[] = [];
  #effort = 64;

  async prepare(_dimension: number, queries: readonly Float32Array<ArrayBuffer>[]): Promise<void> {
    this.#queries = queries;
    this.#directory = await mkdtemp(join(tmpdir(), "arrwdb-bench-lancedb-"));
    this.#connection = await connect(this.#directory);
  }

  async ingest(dataset: Dataset, onRows: (rows: number) => void): Promise<IngestTimes> {
    if (this.#connection === undefined) throw new Error("The engine is not prepared");
    const begin = performance.now();
    for (let start = 0; start < dataset.count; start += batch) {
      const rows = Array.from({ length: Math.min(batch, dataset.count - start) }, (_, index) => ({
        id: start + index,
        text: textOf(start + index),
        ...dataset.fields(start + index),
        vector: dataset.vector(start + index),
      }));
      if (this.#table === undefined) this.#table = await this.#connection.createTable(name, rows);
      else await this.#table.add(rows);
      onRows(rows.length);
    }
    const searchable = performance.now() - begin;
    const config = Index.hnswSq({ distanceType: "cosine", numPartitions: 1, m: 16, efConstruction: 128 });
    await this.#stored.createIndex("vector", { config });
    for (const field of filterFieldNames) await this.#stored.createIndex(field, { config: Index.btree() });
    return { searchable, indexed: performance.now() - begin };
  }

  async setEffort(effort: number): Promise<void> {
    this.#effort = effort;
  }

  async search({ query, filter }: SearchRequest, k: number): Promise<readonly number[]> {
    const vector = this.#queries[query];
    if (vector === undefined) throw new Error(`There is no query ${query}`);
    // Twice as many candidates are compared by their full vectors, as the index holds 8 bits a number.
    const nearest = this.#stored.query().nearestTo(vector).distanceType("cosine").ef(this.#effort).refineFactor(2);
    const asked = filter === undefined ? nearest : nearest.where(`${filter.field} = ${filter.value}`);
    const rows = await asked.limit(k).select(columns).toArray();
    return rows.map(({ id }) => id);
  }

  async memory(): Promise<number> {
    collectGarbage();
    return privateMemory(process.pid);
  }

  diskBytes(): Promise<number> {
    return directoryBytes(this.#directory);
  }

  async restart(): Promise<RestartTimes | undefined> {
    if (this.#table === undefined) return undefined;
    this.#close();
    const begin = performance.now();
    this.#connection = await connect(this.#directory);
    this.#table = await this.#connection.openTable(name);
    const ready = performance.now() - begin;
    await this.search({ query: 0 }, 10);
    return { ready, firstSearch: performance.now() - begin };
  }

  async stop(): Promise<void> {
    this.#close();
    await rm(this.#directory, { recursive: true, force: true });
  }

  get #stored(): Table {
    if (this.#table === undefined) throw new Error("Nothing was ingested");
    return this.#table;
  }

  #close(): void {
    this.#table?.close();
    this.#connection?.close();
  }
}
