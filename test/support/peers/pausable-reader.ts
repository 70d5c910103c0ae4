import { once } from "node:events";
import { WebSocket } from "ws";
import { z } from "zod";

/**
 * Reads all events of a library from a position on, and not one byte while it is paused. It comes paused: the system's
 * buffers stay small while nothing was ever read.
 */
export interface PausableReader {
  /** Of the events that it was told. */
  readonly seqs: readonly number[];
  pause(): void;
  resume(): void;
  close(): Promise<void>;
}

export type PausableKind = "websocket" | "sse";

export function openPausable(kind: PausableKind, url: string, libraryId: string, from: number) {
  const library = `${url}/v1/libraries/${libraryId}`;
  return kind === "sse" ? StreamReader.open(library, from) : SocketReader.open(library, from);
}

const told = z.looseObject({ type: z.string(), seq: z.int().optional() });

class SocketReader implements PausableReader {
  readonly seqs: number[] = [];
  readonly #socket: WebSocket;

  static async open(library: string, from: number): Promise<PausableReader> {
    const socket = new WebSocket(`${library.replace("http", "ws")}/ws`);
    await once(socket, "open");
    socket.pause();
    socket.send(JSON.stringify({ request_id: "s", action: "subscribe", data: { from_seq: from } }));
    return new SocketReader(socket);
  }

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on("error", () => undefined);
    socket.on("message", (data: Buffer) => {
      const { type, seq } = told.parse(JSON.parse(data.toString()));
      if (seq !== undefined && type !== "response") this.seqs.push(seq);
    });
  }

  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  async close(): Promise<void> {
    const closed = once(this.#socket, "close");
    this.#socket.terminate();
    await closed;
  }
}

class StreamReader implements PausableReader {
  readonly seqs: number[] = [];
  readonly #abort: AbortController;
  readonly #ended: Promise<void>;
  #gate = Promise.withResolvers<void>();

  static async open(library: string, from: number): Promise<PausableReader> {
    const abort = new AbortController();
    const headers = { accept: "text/event-stream" };
    const { status, body } = await fetch(`${library}/events?from_seq=${from}`, { headers, signal: abort.signal });
    if (status !== 200 || body === null) throw new Error(`The stream was answered with ${status}`);
    return new StreamReader(body, abort);
  }

  private constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>, abort: AbortController) {
    this.#abort = abort;
    this.#ended = this.#read(body).catch(() => undefined);
  }

  pause(): void {
    this.#gate = Promise.withResolvers();
  }

  resume(): void {
    this.#gate.resolve();
  }

  async close(): Promise<void> {
    this.#abort.abort();
    this.resume();
    await this.#ended;
  }

  async #read(body: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<void> {
    const parts = body.pipeThrough(new TextDecoderStream())[Symbol.asyncIterator]();
    let rest = "";
    // Events with a name tell of the stream, such as its position; those of the library have none.
    let isNamed = false;
    for (;;) {
      await this.#gate.promise;
      const { done, value } = await parts.next();
      if (done === true) return;
      const lines = (rest + value).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (line === "") isNamed = false;
        if (line.startsWith("event: ")) isNamed = true;
        const { seq } = line.startsWith("data: ") && !isNamed ? told.parse(JSON.parse(line.slice(6))) : {};
        if (seq !== undefined) this.seqs.push(seq);
      }
    }
  }
}
