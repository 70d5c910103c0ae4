import type { ServerResponse } from "node:http";
import { PassThrough } from "node:stream";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { StreamPosition } from "@arrwdb/protocol/events/events";
import { limits } from "@arrwdb/protocol/limits";
import type { EventStream, StreamReader } from "../../core/events/event-streams.ts";
import type { PublishedEvent } from "../../core/events/published-event.ts";
import { endedStream, retryLine } from "../../listener/ended-stream.ts";

/** Milliseconds between checks whether to send progress or a keep-alive. */
const interval = 5_000;
/** Checks without progress after which a heartbeat event is sent. */
const quietLooks = 3;

/**
 * Events of one library as Server-Sent Events (HTML Living Standard, 9.2), with backpressure.
 *
 * Positions and signs of life are events with a name and JSON in them, which `onmessage` of a browser does not get. A bare
 * `id` or a comment would do for browsers, but other readers, such as `@microsoft/fetch-event-source`, hand each blank
 * line on as an empty message.
 */
export class EventStreamResponse implements StreamReader {
  readonly body = new PassThrough({ writableHighWaterMark: limits.congestedBytes });
  readonly #libraryId: string;
  readonly #raw: ServerResponse;
  readonly #stallTimeout: number;
  #stream: EventStream | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** The last position sent to the client. */
  #sentPosition = 0;
  #quiet = 0;

  constructor(libraryId: string, raw: ServerResponse, stallTimeout: number) {
    this.#libraryId = libraryId;
    this.#raw = raw;
    this.#stallTimeout = stallTimeout;
  }

  begin(stream: EventStream, draining: AbortSignal): void {
    this.#stream = stream;
    this.#sentPosition = stream.from;
    // The position, so that a client that receives no events can resume from it, too.
    this.body.write(retryLine);
    this.#send("progress");
    this.body.on("drain", () => stream.resume());
    const timer = setInterval(() => this.#look(stream), interval);
    this.#timer = timer;
    const end = () => this.fail(new ArrwError("shutting_down", "The server is shutting down"));
    draining.addEventListener("abort", end, { once: true });
    if (draining.aborted) end();
    this.body.once("close", () => {
      clearInterval(timer);
      draining.removeEventListener("abort", end);
      stream.end();
    });
    // A client that does not read is disconnected; it can resume from its last position.
    this.#raw.setTimeout(this.#stallTimeout, () => {
      if (this.body.readableLength + this.#raw.writableLength > 0) this.#raw.destroy();
    });
  }

  deliver(published: PublishedEvent): void {
    this.#sentPosition = published.event.seq;
    this.body.write(`id: ${published.event.seq}\ndata: ${published.json}\n\n`);
    if (published.event.type === "library.deleted") this.#end();
  }

  congested(): boolean {
    return this.body.writableNeedDrain;
  }

  fail(error: ArrwError): void {
    const gone = error.code === "library_not_found";
    const reason = gone ? new ArrwError("library_deleted", "The library was deleted") : error;
    if (!this.body.writableEnded) this.body.write(endedStream(reason));
    this.#end();
  }

  #look(stream: EventStream): void {
    if (this.congested()) return;
    const { position } = stream;
    if (position > this.#sentPosition) {
      this.#sentPosition = position;
      this.#quiet = 0;
      this.#send("progress");
    } else if (++this.#quiet >= quietLooks) {
      this.#quiet = 0;
      this.#send("heartbeat");
    }
  }

  /** The position, as an event outside the library's log; readers store its `id` for their next connection. */
  #send(name: "progress" | "heartbeat"): void {
    const data = { type: `stream.${name}` as const, library_id: this.#libraryId, seq: this.#sentPosition };
    this.body.write(
      `event: ${name}\nid: ${this.#sentPosition}\ndata: ${JSON.stringify(data satisfies StreamPosition)}\n\n`,
    );
  }

  #end(): void {
    clearInterval(this.#timer);
    this.#stream?.end();
    this.body.end();
  }
}
