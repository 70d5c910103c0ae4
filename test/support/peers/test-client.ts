import { rm } from "node:fs/promises";
import { ArrwClient, type ClientOptions, type LibraryHandle } from "arrwdb-client";
import { CuttingProxy } from "./cutting-proxy.ts";
import { startServer, temporaryDirectory, type TestServer } from "../server/test-server.ts";
import { within } from "../waiting.ts";

/** Comes back at once, as tests have no time. */
export const soon = { minDelay: 1, maxDelay: 50 };

/** A server behind a network that can fail, and a client in front of it. The server can be started again. */
export class ClientBench implements AsyncDisposable {
  readonly directory: string;
  readonly proxy: CuttingProxy;
  readonly client: ArrwClient;
  readonly #handles: LibraryHandle[] = [];
  server: TestServer;

  static async start(): Promise<ClientBench> {
    const directory = await temporaryDirectory();
    const server = await startServer({ ARRWDB_DATA_DIR: directory });
    return new ClientBench(directory, server, await CuttingProxy.start(server.url));
  }

  private constructor(directory: string, server: TestServer, proxy: CuttingProxy) {
    this.directory = directory;
    this.server = server;
    this.proxy = proxy;
    this.client = new ArrwClient({ url: proxy.url, reconnect: soon });
  }

  /** A library of vectors of two numbers, which needs no model. */
  async library(events: { max_count?: number } = {}): Promise<LibraryHandle> {
    const { id } = await this.client.libraries.create({ name: "test", embedding_model: "none", dimension: 2, events });
    return this.handle(id);
  }

  /** A handle of a client of its own. */
  handle(id: string, options: Partial<ClientOptions> = {}): LibraryHandle {
    const handle = new ArrwClient({ url: this.proxy.url, reconnect: soon, ...options }).library(id);
    this.#handles.push(handle);
    return handle;
  }

  /** As before the test. */
  reset(): void {
    for (const handle of this.#handles.splice(0)) handle.close();
    this.proxy.heal();
  }

  /** As an operator would: the old one ends in order, a new one begins with its data. */
  async restart(): Promise<void> {
    await this.server.stop();
    this.server = await startServer({ ARRWDB_DATA_DIR: this.directory });
    this.proxy.redirect(this.server.url);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.reset();
    this.client.close();
    await this.proxy[Symbol.asyncDispose]();
    await this.server.stop();
    await rm(this.directory, { recursive: true, force: true });
  }
}

/** A document at an angle, in degrees, of which the east is 0. */
export const pointing = (title: string, angle = 0) => {
  const radians = (angle * Math.PI) / 180;
  return { title, chunks: [{ text: title, embedding: [Math.cos(radians), Math.sin(radians)] }] };
};

/** The next so many values. */
export async function take<Value>(iterator: AsyncIterator<Value, unknown>, count: number): Promise<Value[]> {
  const values: Value[] = [];
  while (values.length < count) {
    const result = await within(iterator.next(), () => `value ${values.length + 1} of ${count}`);
    if (result.done === true) throw new Error(`Ended after ${values.length} values`);
    values.push(result.value);
  }
  return values;
}

/** What it throws. */
export async function failureOf(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    (value) => new Error(`It gave ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  );
}

export const numbers = (from: number, to: number): readonly number[] =>
  Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => from + index);
