import { once } from "node:events";
import { type LibraryEvent, libraryEvent } from "@arrwdb/protocol/events/events";
import { WebSocket } from "ws";
import { z } from "zod";
import { EventStreamReader } from "./event-stream.ts";

export interface Narrowing {
  readonly events?: readonly string[];
  readonly metadata_filter?: unknown;
}

const message = z.looseObject({ type: z.string(), seq: z.number().optional() });

/** Reads a library's events over plain WebSocket or Server-Sent Events, and comes back from where it was. */
export class ResumingReader {
  readonly events: LibraryEvent[] = [];
  readonly #kind: "websocket" | "sse";
  readonly #url: string;
  readonly #narrowing: Narrowing;
  readonly #running: Promise<void>;
  #position = 0;
  #stopped = false;
  #end: () => void = () => undefined;

  constructor(kind: "websocket" | "sse", url: string, libraryId: string, narrowing: Narrowing) {
    this.#kind = kind;
    this.#url = `${url}/v1/libraries/${libraryId}`;
    this.#narrowing = narrowing;
    this.#running = this.#run();
  }

  /** How far it has come, by events or by progress. */
  get position(): number {
    return this.#position;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#end();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await (this.#kind === "sse" ? this.#stream() : this.#socket()).catch(() => undefined);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  async #stream(): Promise<void> {
    const { events, metadata_filter: filter } = this.#narrowing;
    const query = new URLSearchParams({ from_seq: "0" });
    if (events !== undefined) query.set("events", events.join(","));
    if (filter !== undefined) query.set("metadata_filter", JSON.stringify(filter));
    const headers = this.#position > 0 ? { "last-event-id": `${this.#position}` } : {};
    const stream = await EventStreamReader.open(`${this.#url}/events?${query.toString()}`, headers);
    this.#end = () => void stream.close();
    let read = 0;
    do {
      await stream.changed();
      for (; read < stream.blocks.length; read++) {
        const { event, data, id } = stream.blocks[read] ?? {};
        if (data !== undefined && event === undefined) this.#take(libraryEvent.parse(JSON.parse(data)));
        if (id !== undefined) this.#position = Number(id);
      }
    } while (!stream.over);
  }

  async #socket(): Promise<void> {
    const socket = new WebSocket(`${this.#url.replace("http", "ws")}/ws`);
    socket.on("error", () => undefined);
    const closed = once(socket, "close");
    this.#end = () => socket.terminate();
    socket.on("open", () => {
      const data = { ...this.#narrowing, from_seq: this.#position };
      socket.send(JSON.stringify({ request_id: "s", action: "subscribe", data }));
    });
    socket.on("message", (bytes: Buffer) => {
      const value: unknown = JSON.parse(bytes.toString());
      const { type, seq } = message.parse(value);
      if (type !== "response" && type !== "subscription.progress") this.#take(libraryEvent.parse(value));
      if (type !== "response" && seq !== undefined) this.#position = seq;
    });
    await closed;
  }

  #take(event: LibraryEvent): void {
    this.events.push(event);
  }
}
