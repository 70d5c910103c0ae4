/** What the bench uses of the peers' clients, so that it can be checked where they are not installed. */

declare module "pg-copy-streams" {
  import type { Submittable } from "pg";
  export function from(text: string): NodeJS.WritableStream & Submittable;
}

declare module "@redis/client" {
  interface RedisClient {
    connect(): Promise<unknown>;
    sendCommand(words: readonly (string | Buffer)[]): Promise<unknown>;
    on(event: "error", listener: (error: Error) => void): unknown;
    destroy(): void;
  }
  export function createClient(options: {
    url: string;
    RESP: 2 | 3;
    socket: { reconnectStrategy: false };
  }): RedisClient;
}

declare module "chromadb" {
  type Fields = Readonly<Record<string, number>>;
  interface Collection {
    add(records: { ids: string[]; embeddings: number[][]; metadatas: Fields[]; documents: string[] }): Promise<void>;
    query(request: {
      queryEmbeddings: number[][];
      nResults: number;
      where?: Fields;
      include: ("documents" | "metadatas" | "distances")[];
    }): Promise<{ readonly ids: readonly (readonly string[])[] }>;
    modify(change: { configuration: { hnsw: { ef_search: number } } }): Promise<void>;
  }
  export class ChromaClient {
    constructor(options: { host: string; port: number; ssl: boolean });
    createCollection(options: {
      name: string;
      embeddingFunction: null;
      configuration: {
        hnsw: { space: "cosine"; ef_construction: number; max_neighbors: number; ef_search: number };
      };
    }): Promise<Collection>;
    getCollection(options: { name: string; embeddingFunction?: undefined }): Promise<Collection>;
    deleteCollection(options: { name: string }): Promise<void>;
  }
}

declare module "@lancedb/lancedb" {
  interface VectorQuery {
    distanceType(type: "cosine"): VectorQuery;
    ef(effort: number): VectorQuery;
    refineFactor(factor: number): VectorQuery;
    limit(count: number): VectorQuery;
    where(condition: string): VectorQuery;
    select(columns: readonly string[]): VectorQuery;
    toArray(): Promise<readonly { readonly id: number }[]>;
  }
  interface Table {
    add(rows: readonly Readonly<Record<string, unknown>>[]): Promise<unknown>;
    createIndex(column: string, options: { config: IndexConfig }): Promise<void>;
    countRows(): Promise<number>;
    query(): { nearestTo(vector: Float32Array): VectorQuery };
    close(): void;
  }
  interface Connection {
    createTable(name: string, rows: readonly Readonly<Record<string, unknown>>[]): Promise<Table>;
    openTable(name: string): Promise<Table>;
    close(): void;
  }
  interface IndexConfig {
    readonly kind: string;
  }
  export const Index: {
    hnswSq(options: { distanceType: "cosine"; numPartitions: number; m: number; efConstruction: number }): IndexConfig;
    btree(): IndexConfig;
  };
  export function connect(directory: string): Promise<Connection>;
}
