import { LeanHttp } from "../../support/lean-http.ts";
import { directoryBytes } from "../../support/directory-bytes.ts";
import { RestartableServer } from "../../support/server-under-test.ts";
import { base64Of, createVectorLibrary, uploadDataset, waitUntilIndexed } from "../arrwdb-library.ts";
import type { Dataset } from "../dataset.ts";
import type { Engine, IngestTimes, RestartTimes } from "../engine.ts";
import type { SearchRequest } from "../requests.ts";

const connections = 32;
const uploads = 2;

/** arrwDB as people run it: a server process of its own, over HTTP. */
export class ArrwDbEngine implements Engine {
  readonly name = "arrwDB";
  readonly setting = "HTTP, NDJSON uploads, default settings";
  readonly durability = "fsync before each receipt";
  readonly indexesWhileIngesting = true;
  readonly filters = true;
  readonly efforts = [];
  #server: RestartableServer | undefined;
  #http: LeanHttp | undefined;
  #queries: readonly Buffer[] = [];
  #libraryId = "";

  get server(): RestartableServer {
    if (this.#server === undefined) throw new Error("The engine is not prepared");
    return this.#server;
  }

  get libraryId(): string {
    return this.#libraryId;
  }

  async prepare(dimension: number, queries: readonly Float32Array<ArrayBuffer>[]): Promise<void> {
    this.#server = await RestartableServer.start();
    this.#libraryId = await createVectorLibrary(this.#server.url, dimension);
    this.#connect();
    this.#queries = queries.map((query) => Buffer.from(`{"embedding":"${base64Of(query)}"`, "latin1"));
  }

  async ingest(dataset: Dataset, onRows: (rows: number) => void): Promise<IngestTimes> {
    return this.ingestFrom(dataset, 0, onRows);
  }

  /** Adds the rows from `start` on to those that are there. */
  async ingestFrom(dataset: Dataset, start: number, onRows: (rows: number) => void): Promise<IngestTimes> {
    const { url } = this.server;
    const begin = performance.now();
    await uploadDataset(url, this.#libraryId, dataset, { start, uploads, onRows });
    const last = dataset.count - 1;
    const body = `{"embedding":"${base64Of(dataset.vector(last))}"`;
    const [found] = await this.#send(Buffer.from(body, "latin1"), ',"k":1}');
    if (found !== last) throw new Error(`A search for the last chunk found ${found} instead of ${last}`);
    const searchable = performance.now() - begin;
    const known = await waitUntilIndexed(url, this.#libraryId);
    return { searchable, indexed: known ? performance.now() - begin : undefined };
  }

  async setEffort(): Promise<void> {}

  search({ query, filter }: SearchRequest, k: number): Promise<readonly number[]> {
    const condition = filter === undefined ? "" : `,"metadata_filter":{"${filter.field}":${filter.value}}`;
    const body = this.#queries[query];
    if (body === undefined) throw new Error(`There is no query ${query}`);
    return this.#send(body, `,"k":${k}${condition}}`);
  }

  memory(): Promise<number> {
    return this.server.memory();
  }

  diskBytes(): Promise<number> {
    return directoryBytes(this.server.directory);
  }

  async restart(): Promise<RestartTimes> {
    await this.stopServer();
    return this.startServer();
  }

  async stopServer(): Promise<void> {
    await this.#disconnect();
    await this.server.stop();
  }

  /** Ends it as a power cut would. */
  async crashServer(): Promise<void> {
    await this.#disconnect();
    await this.server.crash();
  }

  async startServer(): Promise<RestartTimes> {
    const begin = performance.now();
    const ready = await this.server.startAgain();
    this.#connect();
    await this.search({ query: 0 }, 10);
    return { ready, firstSearch: performance.now() - begin };
  }

  async stop(): Promise<void> {
    await this.#disconnect();
    await this.#server?.remove();
  }

  async #disconnect(): Promise<void> {
    await this.#http?.close();
    this.#http = undefined;
  }

  #connect(): void {
    this.#http = new LeanHttp(this.server.url, connections);
  }

  async #send(start: Buffer, end: string): Promise<readonly number[]> {
    if (this.#http === undefined) throw new Error("The engine is not prepared");
    const body = Buffer.concat([start, Buffer.from(end, "latin1")]);
    const answer: { readonly results: readonly { readonly document: { readonly title: string } }[] } = JSON.parse(
      await this.#http.post(`/v1/libraries/${this.#libraryId}/search`, body, "application/json"),
    );
    return answer.results.map(({ document }) => Number(document.title));
  }
}
