import { setTimeout as wait } from "node:timers/promises";
import { z } from "zod";
import { type Dataset, filterFieldNames, textOf } from "../compare/dataset.ts";
import type { Engine, IngestTimes, RestartTimes } from "../compare/engine.ts";
import { inParallel } from "../compare/load.ts";
import type { PeerServer } from "../compare/peer-server.ts";
import type { SearchRequest } from "../compare/requests.ts";
import { LeanHttp } from "../support/lean-http.ts";

const collection = "/collections/arrwdb-bench";
const connections = 32;
/** Rows of one request, and requests at the same time. */
const batch = 250;
const atOnce = 2;

const collectionInfo = z.object({ result: z.object({ status: z.string() }) });

/** Qdrant over its HTTP API, by the same lean client as arrwDB. */
export class QdrantEngine implements Engine {
  readonly name = "Qdrant";
  readonly setting = "HTTP, HNSW, m 16, ef_construct 128, indexes on the fields";
  readonly durability = "its write-ahead log";
  readonly indexesWhileIngesting = true;
  readonly filters = true;
  readonly efforts = [64, 100, 150, 200, 400, 800];
  readonly #server: PeerServer;
  #http: LeanHttp | undefined;
  #queries: readonly string[] = [];
  #effort = 64;

  constructor(server: PeerServer) {
    this.#server = server;
  }

  async prepare(dimension: number, queries: readonly Float32Array<ArrayBuffer>[]): Promise<void> {
    await this.#server.start();
    this.#http = new LeanHttp(this.#server.url, connections);
    this.#queries = queries.map((query) => `[${query.join(",")}]`);
    await this.#request("DELETE", collection).catch(() => undefined);
    await this.#request("PUT", collection, {
      vectors: { size: dimension, distance: "Cosine" },
      hnsw_config: { m: 16, ef_construct: 128 },
    });
    for (const field of filterFieldNames)
      await this.#request("PUT", `${collection}/index?wait=true`, { field_name: field, field_schema: "integer" });
  }

  async ingest(dataset: Dataset, onRows: (rows: number) => void): Promise<IngestTimes> {
    const begin = performance.now();
    const starts = Array.from({ length: Math.ceil(dataset.count / batch) }, (_, index) => index * batch);
    await inParallel(starts, atOnce, async (start) => {
      const rows = Array.from({ length: Math.min(batch, dataset.count - start) }, (_, index) => start + index);
      const points = rows.map((row) => ({
        id: row,
        vector: [...dataset.vector(row)],
        payload: { text: textOf(row), ...dataset.fields(row) },
      }));
      await this.#request("PUT", `${collection}/points?wait=true`, { points });
      onRows(rows.length);
    });
    const searchable = performance.now() - begin;
    // Green: no optimization is under way, and the index is made by those.
    while (collectionInfo.parse(await this.#request("GET", collection)).result.status !== "green") await wait(50);
    return { searchable, indexed: performance.now() - begin };
  }

  async setEffort(effort: number): Promise<void> {
    this.#effort = effort;
  }

  async search({ query, filter }: SearchRequest, k: number): Promise<readonly number[]> {
    if (this.#http === undefined) throw new Error("The engine is not prepared");
    const condition =
      filter === undefined ? "" : `,"filter":{"must":[{"key":"${filter.field}","match":{"value":${filter.value}}}]}`;
    const body = `{"query":${this.#queries[query]},"limit":${k},"params":{"hnsw_ef":${this.#effort}},"with_payload":true${condition}}`;
    const answer: { readonly result: { readonly points: readonly { readonly id: number }[] } } = JSON.parse(
      await this.#http.post(`${collection}/points/query`, body, "application/json"),
    );
    return answer.result.points.map(({ id }) => id);
  }

  memory(): Promise<number | undefined> {
    return this.#server.memory();
  }

  /** Its API does not tell. */
  async diskBytes(): Promise<undefined> {
    return undefined;
  }

  async restart(): Promise<RestartTimes | undefined> {
    const ready = await this.#server.restart();
    const started = performance.now();
    if (ready === undefined) return undefined;
    await this.search({ query: 0 }, 10);
    return { ready, firstSearch: ready + performance.now() - started };
  }

  async stop(): Promise<void> {
    if (this.#http !== undefined) await this.#request("DELETE", collection);
    await this.#http?.close();
    await this.#server.stop();
  }

  async #request(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`${this.#server.url.replace(/\/$/, "")}${path}`, {
      method,
      ...(body === undefined ? {} : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    if (!response.ok)
      throw new Error(`${method} ${path} was answered with ${response.status}: ${await response.text()}`);
    return response.json();
  }
}
