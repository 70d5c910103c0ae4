import type { ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import { ArrwError } from "@arrwdb/protocol/errors";
import { limits } from "@arrwdb/protocol/limits";
import { toFailure } from "@arrwdb/protocol/problem";
import type { EventStream, StreamReader } from "../core/event-streams.ts";
import type { PublishedEvent } from "../core/published-event.ts";

/** Milliseconds after which a browser comes back when the stream ends. */
const retry = 2_000;
/** Milliseconds between looks at whether there is something to tell: progress, or that the stream is alive. */
const interval = 5_000;
/** Looks without progress after which a comment says that the stream is alive. */
const quietLooks = 3;

/** Events of one library as Server-Sent Events (HTML Living Standard, 9.2), written as fast as they are read. */
export class EventStreamResponse implements StreamReader {
  readonly body = new PassThrough({ writableHighWaterMark: limits.congestedBytes });
  readonly #raw: ServerResponse;
  readonly #stallTimeout: number;
  #stream: EventStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The last position that the client was told. */
  #told = 0;
  #quiet = 0;

  constructor(raw: ServerResponse, stallTimeout: number) {
    this.#raw = raw;
    this.#stallTimeout = stallTimeout;
  }

  begin(stream: EventStream, draining: AbortSignal): void {
    this.#stream = stream;
    this.#told = stream.from;
    // The position, so that a client that hears nothing else resumes from there too.
    this.body.write(`retry: ${retry}\nid: ${stream.from}\n\n`);
    this.body.on("drain", () => stream.resume());
    const timer = setInterval(() => this.#look(stream), interval);
    this.#timer = timer;
    const end = () => this.#end();
    draining.addEventListener("abort", end, { once: true });
    if (draining.aborted) end();
    this.body.once("close", () => {
      clearInterval(timer);
      draining.removeEventListener("abort", end);
      stream.end();
    });
    // One that does not read is let go; it knows the position to come back with.
    this.#raw.setTimeout(this.#stallTimeout, () => {
      if (this.body.readableLength + this.#raw.writableLength > 0) this.#raw.destroy();
    });
  }

  deliver(published: PublishedEvent): void {
    this.#told = published.event.seq;
    this.body.write(`id: ${published.event.seq}\ndata: ${published.json}\n\n`);
    if (published.event.type === "library.deleted") this.#end();
  }

  congested(): boolean {
    return this.body.writableNeedDrain;
  }

  fail(error: ArrwError): void {
    const gone = error.code === "library_not_found";
    const told = gone ? new ArrwError("library_deleted", "The library was deleted") : error;
    const { success: _, ...data } = toFailure(told);
    this.body.write(`event: ended\ndata: ${JSON.stringify(data)}\n\n`);
    this.#end();
  }

  #look(stream: EventStream): void {
    if (this.congested()) return;
    const { position } = stream;
    if (position > this.#told) {
      // An id without data is no event, but browsers remember it.
      this.#told = position;
      this.#quiet = 0;
      this.body.write(`id: ${position}\n\n`);
    } else if (++this.#quiet >= quietLooks) {
      this.#quiet = 0;
      this.body.write(": heartbeat\n\n");
    }
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#stream?.end();
    this.body.end();
  }
}
