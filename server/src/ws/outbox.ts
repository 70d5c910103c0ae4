import { ArrwError } from "@arrwdb/protocol/errors";
import { WebSocket } from "ws";

/** Bytes that may wait for a reader before its requests are read no further. */
const pauseAt = 1024 * 1024;
/** Bytes that may wait for a reader before it is let go. */
const closeAt = 8 * 1024 * 1024;

/** What goes out on one connection, within a fixed amount of memory. */
export class Outbox {
  readonly #webSocket: WebSocket;
  readonly #overflow: (error: ArrwError) => void;

  constructor(webSocket: WebSocket, overflow: (error: ArrwError) => void) {
    this.#webSocket = webSocket;
    this.#overflow = overflow;
  }

  send(json: string): void {
    if (this.#webSocket.readyState !== WebSocket.OPEN) return;
    this.#webSocket.send(json, () => {
      if (this.#webSocket.isPaused && this.#webSocket.bufferedAmount < pauseAt) this.#webSocket.resume();
    });
    const waiting = this.#webSocket.bufferedAmount;
    if (waiting > closeAt) {
      this.#overflow(new ArrwError("slow_reader", "The events were read too slowly; connect again"));
    } else if (waiting > pauseAt) {
      this.#webSocket.pause();
    }
  }
}
