import { ArrwClientError } from "../errors.ts";
import type { Session } from "./session.ts";

/**
 * Asks a silent server for a sign of life. The server's own pings are answered below a page, which cannot see them, nor
 * send any: without a question of ours, a network that swallows everything would look like a quiet library for ever.
 */
export class Heartbeat {
  readonly #interval: number;
  readonly #dead: (session: Session, error: ArrwClientError) => void;
  #timer: ReturnType<typeof setInterval> | undefined;
  #heard = false;

  /**
   * @param interval milliseconds of silence after which it pings
   * @param dead called if no response arrives
   */
  constructor(interval: number, dead: (session: Session, error: ArrwClientError) => void) {
    this.#interval = interval;
    this.#dead = dead;
  }

  start(session: Session): void {
    this.stop();
    if (this.#interval < 2 ** 31) this.#timer = setInterval(() => this.#beat(session), this.#interval);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** Called for every message from the server. */
  heard(): void {
    this.#heard = true;
  }

  #beat(session: Session): void {
    if (this.#heard) {
      this.#heard = false;
      return;
    }
    // A server that does not know the action returns an error, which is a sign of life too.
    session.request("ping", {}).catch((error: unknown) => {
      if (error instanceof ArrwClientError && error.code === "timeout") this.#dead(session, error);
    });
  }
}
