import type { Socket } from "node:net";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import { WebSocket } from "ws";

/** The socket, and callbacks for the state of its buffer. */
export interface OutboxOptions {
  readonly webSocket: WebSocket;
  /** That the WebSocket runs on. */
  readonly socket: Socket;
  /** Milliseconds within which a reader must read some of its queued messages. */
  readonly stallTimeout: number;
  /** What waits has become more, or less. */
  readonly changed: () => void;
  /** The reader is too slow. */
  readonly overflowed: (error: ArrwError) => void;
}

/** The outgoing messages of one connection, bounded in memory plus one message. */
export class Outbox {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #events: Pick<OutboxOptions, "changed" | "overflowed">;
  #corked = false;

  constructor({ webSocket, socket, stallTimeout, changed, overflowed }: OutboxOptions) {
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#events = { changed, overflowed };
    socket.on("drain", () => changed());
    socket.setTimeout(stallTimeout);
    socket.on("timeout", () => {
      // Silence is no fault while nothing waits.
      if (this.congested) this.#overflow(`Nothing was read for ${stallTimeout / 1000} seconds`);
    });
  }

  /** Whether the reader is behind: only responses to its own requests are still added. */
  get congested(): boolean {
    return this.#webSocket.bufferedAmount > limits.congestedBytes;
  }

  send(json: string): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    // Measured before the message: a long one does not make its reader slow.
    if (this.#webSocket.bufferedAmount > limits.waitingBytes)
      return this.#overflow("The messages were read too slowly");
    this.#cork();
    this.#webSocket.send(json);
    this.#events.changed();
  }

  /** Messages sent in one tick are written together: one packet for many costs as much as one for each. */
  #cork(): void {
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    process.nextTick(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  #overflow(reason: string): void {
    this.#events.overflowed(new ArrwError("slow_reader", `${reason}; reconnect and resume with from_seq`));
  }
}
