import { ChromaClient, type Collection } from "chromadb";
import { type Dataset, textOf } from "../compare/dataset.ts";
import type { Engine, IngestTimes, RestartTimes } from "../compare/engine.ts";
import { inParallel } from "../compare/load.ts";
import type { PeerServer } from "../compare/peer-server.ts";
import type { SearchRequest } from "../compare/requests.ts";

const name = "arrwdb-bench";
/** Rows of one request, and requests at the same time. */
const batch = 250;
const atOnce = 2;

/** Chroma's server, over its own client. */
export class ChromaEngine implements Engine {
  readonly name = "Chroma";
  readonly setting = "HNSW, max_neighbors 16, ef_construction 128";
  readonly durability = "its write-ahead log in SQLite";
  readonly indexesWhileIngesting = true;
  readonly filters = true;
  readonly efforts = [64, 100, 150, 200, 400, 800];
  readonly #server: PeerServer;
  #client: ChromaClient | undefined;
  #collection: Collection | undefined;
  #queries: readonly number[][] = [];

  constructor(server: PeerServer) {
    this.#server = server;
  }

  async prepare(_dimension: number, queries: readonly Float32Array<ArrayBuffer>[]): Promise<void> {
    await this.#server.start();
    this.#queries = queries.map((query) => [...query]);
    const { hostname, port, protocol } = new URL(this.#server.url);
    this.#client = new ChromaClient({ host: hostname, port: Number(port || 8000), ssl: protocol === "https:" });
    await this.#client.deleteCollection({ name }).catch(() => undefined);
    this.#collection = await this.#client.createCollection({
      name,
      embeddingFunction: null,
      configuration: { hnsw: { space: "cosine", ef_construction: 128, max_neighbors: 16, ef_search: 64 } },
    });
  }

  async ingest(dataset: Dataset, onRows: (rows: number) => void): Promise<IngestTimes> {
    const begin = performance.now();
    const starts = Array.from({ length: Math.ceil(dataset.count / batch) }, (_, index) => index * batch);
    await inParallel(starts, atOnce, async (start) => {
      const rows = Array.from({ length: Math.min(batch, dataset.count - start) }, (_, index) => start + index);
      await this.#stored.add({
        ids: rows.map(String),
        embeddings: rows.map((row) => [...dataset.vector(row)]),
        metadatas: rows.map((row) => ({ ...dataset.fields(row) })),
        documents: rows.map(textOf),
      });
      onRows(rows.length);
    });
    // What was written is taken into the index by the first search at the latest.
    await this.search({ query: 0 }, 1);
    const milliseconds = performance.now() - begin;
    return { searchable: milliseconds, indexed: milliseconds };
  }

  async setEffort(effort: number): Promise<void> {
    await this.#stored.modify({ configuration: { hnsw: { ef_search: effort } } });
  }

  async search({ query, filter }: SearchRequest, k: number): Promise<readonly number[]> {
    const vector = this.#queries[query];
    if (vector === undefined) throw new Error(`There is no query ${query}`);
    const { ids } = await this.#stored.query({
      queryEmbeddings: [vector],
      nResults: k,
      include: ["documents", "metadatas", "distances"],
      ...(filter === undefined ? {} : { where: { [filter.field]: filter.value } }),
    });
    return (ids[0] ?? []).map(Number);
  }

  memory(): Promise<number | undefined> {
    return this.#server.memory();
  }

  /** Its client does not tell. */
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
    if (this.#collection !== undefined) await this.#client?.deleteCollection({ name });
    await this.#server.stop();
  }

  get #stored(): Collection {
    if (this.#collection === undefined) throw new Error("The engine is not prepared");
    return this.#collection;
  }
}
