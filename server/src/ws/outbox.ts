import { ArrwError } from "@arrwdb/protocol/errors";
import { WebSocket } from "ws";

/** Bytes that may wait for a reader before its requests are read no further. */
const congestedAt = 1024 * 1024;
/** Bytes that may wait for a reader, besides the message that comes on top of them, before it is let go. */
const closeAt = 8 * 1024 * 1024;

export interface OutboxEvents {
  /** What waits has become more, or less. */
  readonly changed: () => void;
  /** The reader is too slow. */
  readonly overflowed: (error: ArrwError) => void;
}

/** What goes out on one connection, within a fixed amount of memory and one message. */
export class Outbox {
  readonly #webSocket: WebSocket;
  readonly #events: OutboxEvents;

  constructor(webSocket: WebSocket, events: OutboxEvents) {
    this.#webSocket = webSocket;
    this.#events = events;
  }

  /** Whether the reader is behind. */
  get congested(): boolean {
    return this.#webSocket.bufferedAmount > congestedAt;
  }

  send(json: string): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    // Measured before the message: a long one does not make its reader slow.
    if (this.#webSocket.bufferedAmount > closeAt) {
      this.#events.overflowed(new ArrwError("slow_reader", "The events were read too slowly; connect again"));
      return;
    }
    this.#webSocket.send(json, () => this.#events.changed());
    this.#events.changed();
  }
}
