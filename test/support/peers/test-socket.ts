import { once } from "node:events";
import { type ClientOptions, WebSocket } from "ws";
import { z } from "zod";
import { patience, within } from "../waiting.ts";

export const message = z.looseObject({ type: z.string() });
export type Message = z.output<typeof message>;

const response = z.looseObject({
  type: z.literal("response"),
  request_id: z.string().nullable(),
  success: z.boolean(),
  data: z.looseObject({}).nullable(),
  error: z.string().nullable(),
  error_code: z.string().optional(),
  field: z.string().optional(),
});
export type SocketResponse = z.output<typeof response>;

/** A client that keeps what it is told, in order, and waits for what it wants to hear. */
export class TestSocket {
  readonly socket: WebSocket;
  readonly messages: Message[] = [];
  readonly closed: Promise<{ readonly code: number; readonly reason: string }>;
  #arrived = Promise.withResolvers<void>();
  #nextId = 1;

  static async open(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    protocols: readonly string[] = [],
    options: ClientOptions = {},
  ): Promise<TestSocket> {
    const client = new TestSocket(new WebSocket(url, [...protocols], { ...options, headers }));
    await within(once(client.socket, "open"), "the connection to open");
    return client;
  }

  constructor(socket: WebSocket) {
    this.socket = socket;
    const closed = Promise.withResolvers<{ readonly code: number; readonly reason: string }>();
    this.closed = closed.promise;
    socket.on("message", (data: Buffer) => {
      this.messages.push(message.parse(JSON.parse(data.toString())));
      this.#wake();
    });
    socket.on("close", (code, reason) => {
      closed.resolve({ code, reason: reason.toString() });
      this.#wake();
    });
    socket.on("error", () => undefined);
  }

  /** The first message that fits, waiting for it if need be, though not while nothing comes at all. */
  async wait(fits: (candidate: Message) => boolean): Promise<Message> {
    let silent = false;
    const timer = setTimeout(() => {
      silent = true;
      this.#wake();
    }, patience);
    try {
      for (let looked = 0; ;) {
        for (; looked < this.messages.length; looked++) {
          const candidate = this.messages[looked];
          if (candidate !== undefined && fits(candidate)) return candidate;
        }
        if (this.socket.readyState === WebSocket.CLOSED) throw new Error(`Closed before; heard ${this.#heard()}`);
        if (silent) throw new Error(`Nothing came for ${patience / 1000} seconds; heard ${this.#heard()}`);
        timer.refresh();
        await this.#arrived.promise;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  async waitForCount(count: number): Promise<void> {
    if (this.messages.length < count) await this.wait(() => this.messages.length >= count);
  }

  events(): readonly Message[] {
    return this.messages.filter(({ type }) => type !== "response");
  }

  async request(action: string, data: unknown, requestId = `r${this.#nextId++}`): Promise<SocketResponse> {
    this.socket.send(JSON.stringify({ request_id: requestId, action, data }));
    return response.parse(await this.wait((candidate) => candidate["request_id"] === requestId));
  }

  /** Sends a frame as it is and gives the next response that names no request. */
  async raw(frame: string | Buffer): Promise<SocketResponse> {
    const before = this.messages.length;
    this.socket.send(frame);
    return response.parse(await this.wait((candidate) => this.messages.indexOf(candidate) >= before));
  }

  async close(): Promise<void> {
    this.socket.close();
    await within(this.closed, "the connection to close");
  }

  #heard(): string {
    const types = this.messages.map(({ type }) => type);
    return `${types.length} messages, at last ${types.slice(-20).join(", ")}`;
  }

  #wake(): void {
    this.#arrived.resolve();
    this.#arrived = Promise.withResolvers();
  }
}
