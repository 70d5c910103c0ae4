import { createClient } from "@redis/client";
import { type Dataset, textOf } from "../compare/dataset.ts";
import type { Engine, IngestTimes, RestartTimes } from "../compare/engine.ts";
import { inParallel } from "../compare/load.ts";
import type { PeerServer } from "../compare/peer-server.ts";
import type { SearchRequest } from "../compare/requests.ts";

const key = "arrwdb-bench";
/** Commands of one connection wait for each other, so there are as many as searches at the same time. */
const connections = 32;

type Client = ReturnType<typeof createClient>;

/** A Redis 8 vector set, over its own client. The append-only file is written through for as long as it is measured. */
export class RedisEngine implements Engine {
  readonly name = "Redis";
  readonly setting = "vector set, Q8, M 16, EF 128";
  readonly indexesWhileIngesting = true;
  readonly filters = true;
  readonly efforts = [64, 100, 150, 200, 400, 800];
  readonly #server: PeerServer;
  #clients: readonly Client[] = [];
  #idle: Client[] = [];
  #queries: readonly Buffer[] = [];
  #effort = 64;
  #appendsBefore: string | undefined;
  /** Since 8.2 a search answers with the attributes too. */
  #withAttributes = true;

  constructor(server: PeerServer) {
    this.#server = server;
  }

  get durability(): string {
    return this.#appendsBefore === undefined ? "none; the server refused appendonly" : "appendonly, appendfsync always";
  }

  async prepare(_dimension: number, queries: readonly Float32Array<ArrayBuffer>[]): Promise<void> {
    await this.#server.start();
    this.#queries = queries.map((query) => bytesOf(query));
    await this.#connect();
    await this.#send(["DEL", key]);
    const version = /redis_version:(\d+)\.(\d+)/.exec(String(await this.#send(["INFO", "server"])));
    this.#withAttributes = Number(version?.[1]) > 8 || Number(version?.[2]) >= 2;
    const before = await this.#send(["CONFIG", "GET", "appendonly"]);
    try {
      await this.#send(["CONFIG", "SET", "appendonly", "yes"]);
      await this.#send(["CONFIG", "SET", "appendfsync", "always"]);
      this.#appendsBefore = Array.isArray(before) ? String(before[1]) : "no";
    } catch {
      this.#appendsBefore = undefined;
    }
  }

  async ingest(dataset: Dataset, onRows: (rows: number) => void): Promise<IngestTimes> {
    const begin = performance.now();
    await inParallel(Array.from({ length: dataset.count }).keys().toArray(), connections, async (row) => {
      const attributes = JSON.stringify({ text: textOf(row), ...dataset.fields(row) });
      const vector = bytesOf(dataset.vector(row));
      const options = ["CAS", "Q8", "EF", "128", "SETATTR", attributes, "M", "16"];
      await this.#send(["VADD", key, "FP32", vector, `${row}`, ...options]);
      onRows(1);
    });
    const milliseconds = performance.now() - begin;
    return { searchable: milliseconds, indexed: milliseconds };
  }

  async setEffort(effort: number): Promise<void> {
    this.#effort = effort;
  }

  async search({ query, filter }: SearchRequest, k: number): Promise<readonly number[]> {
    const vector = this.#queries[query];
    if (vector === undefined) throw new Error(`There is no query ${query}`);
    const condition = filter === undefined ? [] : ["FILTER", `.${filter.field} == ${filter.value}`];
    const shown = this.#withAttributes ? ["WITHSCORES", "WITHATTRIBS"] : ["WITHSCORES"];
    const options = [...shown, "COUNT", `${k}`, "EF", `${this.#effort}`, ...condition];
    const answer = await this.#send(["VSIM", key, "FP32", vector, ...options]);
    if (!Array.isArray(answer)) throw new Error("VSIM was not answered with a list");
    // Each element is followed by what is shown of it.
    return answer.filter((_, index) => index % (1 + shown.length) === 0).map(Number);
  }

  memory(): Promise<number | undefined> {
    return this.#server.memory();
  }

  async diskBytes(): Promise<number | undefined> {
    const size = /aof_current_size:(\d+)/.exec(String(await this.#send(["INFO", "persistence"])))?.[1];
    return size === undefined ? undefined : Number(size);
  }

  async restart(): Promise<RestartTimes | undefined> {
    this.#disconnect();
    const ready = await this.#server.restart();
    const started = performance.now();
    await this.#connect();
    if (ready === undefined) return undefined;
    await this.search({ query: 0 }, 10);
    return { ready, firstSearch: ready + performance.now() - started };
  }

  async stop(): Promise<void> {
    if (this.#clients.length > 0) {
      await this.#send(["DEL", key]);
      if (this.#appendsBefore === "no") await this.#send(["CONFIG", "SET", "appendonly", "no"]);
    }
    this.#disconnect();
    await this.#server.stop();
  }

  async #connect(): Promise<void> {
    const clients = Array.from({ length: connections }, () => createClient({ url: this.#server.url, RESP: 2 }));
    for (const client of clients) client.on("error", () => undefined);
    await Promise.all(clients.map((client) => client.connect()));
    this.#clients = clients;
    this.#idle = [...clients];
  }

  #disconnect(): void {
    for (const client of this.#clients) client.destroy();
    this.#clients = [];
  }

  async #send(words: readonly (string | Buffer)[]): Promise<unknown> {
    const client = this.#idle.pop();
    if (client === undefined) throw new Error(`More than ${connections} commands at the same time`);
    try {
      return await client.sendCommand(words);
    } finally {
      this.#idle.push(client);
    }
  }
}

const bytesOf = (vector: Float32Array<ArrayBuffer>) => Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength);
