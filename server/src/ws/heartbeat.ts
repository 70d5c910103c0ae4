import { WebSocket } from "ws";

/** Pings every peer at an interval and drops those that missed two pings. */
export class Heartbeat {
  readonly #missed = new Map<WebSocket, number>();
  readonly #timer: NodeJS.Timeout;

  constructor(interval: number) {
    this.#timer = setInterval(() => this.#beat(), interval);
    this.#timer.unref();
  }

  watch(webSocket: WebSocket): void {
    this.#missed.set(webSocket, 0);
    const alive = () => {
      if (this.#missed.has(webSocket)) this.#missed.set(webSocket, 0);
    };
    webSocket.on("pong", alive);
    webSocket.on("message", alive);
    webSocket.once("close", () => this.#missed.delete(webSocket));
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#missed.clear();
  }

  #beat(): void {
    for (const [webSocket, missed] of this.#missed) {
      // A pong cannot arrive while reading is paused; whether the peer is alive shows once it resumes.
      if (webSocket.isPaused) continue;
      if (missed >= 2) {
        webSocket.terminate();
        continue;
      }
      this.#missed.set(webSocket, missed + 1);
      if (webSocket.readyState === WebSocket.OPEN) webSocket.ping();
    }
  }
}
