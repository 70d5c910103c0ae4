import { availableParallelism } from "node:os";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { Pool } from "pg";
import { from as copyFrom } from "pg-copy-streams";
import { type Dataset, filterFieldNames, textOf } from "../compare/dataset.ts";
import type { Engine, IngestTimes, RestartTimes } from "../compare/engine.ts";
import { inParallel } from "../compare/load.ts";
import type { PeerServer } from "../compare/peer-server.ts";
import type { SearchFilter, SearchRequest } from "../compare/requests.ts";

const table = "arrwdb_bench";
const columns = ["id", "text", ...filterFieldNames] as const;
/** Rows of one COPY, which is one transaction. */
const batch = 1_000;
const connections = 32;

/** PostgreSQL with pgvector, over its own client: COPY in binary form, prepared statements, an index on each field. */
export class PgvectorEngine implements Engine {
  readonly name = "pgvector";
  readonly setting = "HNSW, m 16, ef_construction 128, strict_order, COPY, B-trees on the fields";
  readonly durability = "synchronous_commit = on";
  readonly indexesWhileIngesting = true;
  readonly filters = true;
  readonly efforts = [64, 100, 150, 200, 400, 800];
  readonly #server: PeerServer;
  #pool: Pool | undefined;
  #queries: readonly string[] = [];
  #effort = 64;

  constructor(server: PeerServer) {
    this.#server = server;
  }

  async prepare(dimension: number, queries: readonly Float32Array<ArrayBuffer>[]): Promise<void> {
    await this.#server.start();
    this.#queries = queries.map((query) => `[${query.join(",")}]`);
    this.#connect();
    const fields = filterFieldNames.map((name) => `${name} smallint NOT NULL`).join(", ");
    await this.#database.query("CREATE EXTENSION IF NOT EXISTS vector");
    await this.#database.query(`DROP TABLE IF EXISTS ${table}`);
    await this.#database.query(
      `CREATE TABLE ${table} (id integer PRIMARY KEY, text text NOT NULL, ${fields}, embedding vector(${dimension}) NOT NULL)`,
    );
    for (const name of filterFieldNames) await this.#database.query(`CREATE INDEX ON ${table} (${name})`);
    await this.#database.query(
      `CREATE INDEX ON ${table} USING hnsw (embedding vector_cosine_ops) WITH (m = 16, ef_construction = 128)`,
    );
  }

  async ingest(dataset: Dataset, onRows: (rows: number) => void): Promise<IngestTimes> {
    const begin = performance.now();
    const starts = Array.from({ length: Math.ceil(dataset.count / batch) }, (_, index) => index * batch);
    await inParallel(starts, availableParallelism(), async (start) => {
      const end = Math.min(dataset.count, start + batch);
      const client = await this.#database.connect();
      try {
        const copy = client.query(
          copyFrom(`COPY ${table} (${columns.join(", ")}, embedding) FROM STDIN (FORMAT binary)`),
        );
        await pipeline(Readable.from(copyRows(dataset, start, end)), copy);
      } finally {
        client.release();
      }
      onRows(end - start);
    });
    // Without it the planner does not know what a filter keeps.
    await this.#database.query(`ANALYZE ${table}`);
    const milliseconds = performance.now() - begin;
    return { searchable: milliseconds, indexed: milliseconds };
  }

  async setEffort(effort: number): Promise<void> {
    this.#effort = effort;
    await this.#pool?.end();
    this.#connect();
  }

  async search({ query, filter }: SearchRequest, k: number): Promise<readonly number[]> {
    const { rows } = await this.#database.query({
      name: filter?.field ?? "all",
      text: statementOf(filter),
      values: [this.#queries[query], k, ...(filter === undefined ? [] : [filter.value])],
      rowMode: "array",
    });
    return rows.map(([id]) => Number(id));
  }

  memory(): Promise<number | undefined> {
    return this.#server.memory();
  }

  async diskBytes(): Promise<number> {
    const text = `SELECT pg_total_relation_size('${table}')`;
    const { rows } = await this.#database.query({ text, rowMode: "array" });
    return Number(rows[0]?.[0]);
  }

  async restart(): Promise<RestartTimes | undefined> {
    await this.#pool?.end();
    const ready = await this.#server.restart();
    const started = performance.now();
    this.#connect();
    if (ready === undefined) return undefined;
    await this.search({ query: 0 }, 10);
    return { ready, firstSearch: ready + performance.now() - started };
  }

  async stop(): Promise<void> {
    await this.#pool?.query(`DROP TABLE IF EXISTS ${table}`);
    await this.#pool?.end();
    await this.#server.stop();
  }

  get #database(): Pool {
    if (this.#pool === undefined) throw new Error("The engine is not prepared");
    return this.#pool;
  }

  #connect(): void {
    this.#pool = new Pool({
      connectionString: this.#server.url,
      max: connections,
      options: `-c synchronous_commit=on -c hnsw.ef_search=${this.#effort} -c hnsw.iterative_scan=strict_order`,
    });
    this.#pool.on("error", () => undefined);
  }
}

function statementOf(filter: SearchFilter | undefined): string {
  const where = filter === undefined ? "" : `WHERE ${filter.field} = $3 `;
  return `SELECT ${columns.join(", ")}, embedding <=> $1::vector AS distance FROM ${table} ${where}ORDER BY embedding <=> $1::vector LIMIT $2`;
}

const short = (number: number) => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(number);
  return bytes;
};

const integer = (number: number) => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
};

/** The binary form of COPY: a header, rows of fields with their lengths, an end. */
function* copyRows(dataset: Dataset, start: number, end: number): Generator<Buffer> {
  yield Buffer.concat([Buffer.from("PGCOPY\n\u00ff\r\n\0", "latin1"), Buffer.alloc(8)]);
  for (let row = start; row < end; row++) {
    const fields = dataset.fields(row);
    const numbers = Buffer.from(Float32Array.from(dataset.vector(row)).buffer).swap32();
    const values = [
      integer(row),
      Buffer.from(textOf(row)),
      ...filterFieldNames.map((name) => short(fields[name])),
      Buffer.concat([short(dataset.dimension), short(0), numbers]),
    ];
    yield Buffer.concat([short(values.length), ...values.flatMap((value) => [integer(value.length), value])]);
  }
  yield short(-1);
}
