import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { z } from "zod";
import { within } from "../waiting.ts";

const called = z.object({
  type: z.string(),
  library_id: z.string(),
  seq: z.number(),
  timestamp: z.string(),
  data: z.unknown(),
});

/** A call as it arrived. */
export interface Call {
  readonly id: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly event: z.output<typeof called>;
}

export type Answer = (response: ServerResponse, call: Call) => unknown;

const accept: Answer = (response) => response.writeHead(204).end();
const header = (value: string | string[] | undefined) => (Array.isArray(value) ? value.join() : (value ?? ""));

/** Whoever is called: a real HTTP server, which answers as the test says. */
export class WebhookReceiver implements AsyncDisposable {
  readonly calls: Call[] = [];
  /** Connections that were made to it. */
  connections = 0;
  answer: Answer = accept;
  #server: Server;
  #port = 0;
  #arrived = Promise.withResolvers<void>();

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    await receiver.up();
    return receiver;
  }

  private constructor() {
    this.#server = this.#create();
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/hook`;
  }

  get port(): number {
    return this.#port;
  }

  /** Listens, at the port that it had before. */
  async up(): Promise<void> {
    this.#server = this.#create();
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
    const address: AddressInfo | string | null = this.#server.address();
    if (address !== null && typeof address === "object") this.#port = address.port;
  }

  async down(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  /** Resolves when what has arrived is as it should be. */
  async until(isSo: (calls: readonly Call[]) => boolean): Promise<void> {
    while (!isSo(this.calls)) await within(this.#arrived.promise, () => `a call, after ${this.calls.length} of them`);
  }

  /** The seqs of what arrived, each once, in the order in which it arrived first. */
  get seqs(): readonly number[] {
    return [...new Set(this.calls.map(({ event }) => event.seq))];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#server.listening) await this.down();
  }

  #create(): Server {
    const server = createServer((request, response) => {
      response.on("error", () => undefined);
      this.#receive(request, response).catch((error: unknown) => response.destroy(toError(error)));
    });
    return server.on("connection", () => this.connections++);
  }

  async #receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += String(part);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, header(value)]));
    const event = called.parse(JSON.parse(body));
    const call = { id: headers["webhook-id"] ?? "", path: request.url ?? "", headers, body, event };
    this.calls.push(call);
    const arrived = this.#arrived;
    this.#arrived = Promise.withResolvers();
    arrived.resolve();
    this.answer(response, call);
  }
}

const toError = (error: unknown) => (error instanceof Error ? error : new Error(String(error)));
