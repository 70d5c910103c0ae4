import { Backoff } from "./backoff.ts";
import { type ConnectionEffect, type ConnectionEvent, type ConnectionState, transitions } from "./connection-states.ts";
import { ArrwClientError, fromClose } from "../errors.ts";
import { Heartbeat } from "./heartbeat.ts";
import type { ClientSettings } from "../options.ts";
import { Session } from "./session.ts";
import type { WebSocketLike } from "./web-socket.ts";

/** A user of the connection, which is open while there are any. */
export interface ConnectionUser {
  /** Connected, for the first time or again. */
  readonly opened: (session: Session) => void;
  /** The connection was lost; the client is reconnecting. */
  readonly lost: () => void;
  /** Reconnecting has been given up. The user is released. */
  readonly failed: (error: ArrwClientError) => void;
}

const closedByProgram = () => new ArrwClientError("closed", "The client was closed");

/**
 * The one WebSocket of a library's handle: opened when first needed, reopened whenever it is lost, and closed when no
 * longer needed. A page cannot send pings, so a peer that vanished is detected by a request without a response
 * (`drop`); the server's own pings keep proxies from closing a quiet connection.
 */
export class Connection {
  readonly #settings: ClientSettings;
  readonly #address: string;
  readonly #closed: AbortSignal;
  readonly #backoff: Backoff;
  readonly #heartbeat: Heartbeat;
  readonly #users = new Set<ConnectionUser>();
  #state: ConnectionState = "idle";
  #socket: WebSocketLike | undefined;
  #session: Session | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #pause = 0;
  /** Why it was lost or refused last. */
  #error = closedByProgram();

  /**
   * @param address of the WebSocket
   * @param closed aborts when the client is closed
   */
  constructor(settings: ClientSettings, address: string, closed: AbortSignal) {
    this.#settings = settings;
    this.#address = address;
    this.#closed = closed;
    this.#backoff = new Backoff(settings.reconnect);
    this.#heartbeat = new Heartbeat(settings.heartbeat, (session, error) => this.drop(session, error));
  }

  get state(): ConnectionState {
    return this.#state;
  }

  acquire(user: ConnectionUser): void {
    if (this.#closed.aborted) this.stop();
    // Only while it is used, so that a client does not retain every handle ever created.
    if (this.#users.size === 0) this.#closed.addEventListener("abort", this.#stop, { once: true });
    this.#users.add(user);
    const session = this.#state === "open" ? this.#session : undefined;
    this.#happened("acquired");
    if (session !== undefined) user.opened(session);
  }

  release(user: ConnectionUser): void {
    if (this.#users.delete(user) && this.#users.size === 0) {
      this.#closed.removeEventListener("abort", this.#stop);
      this.#happened("released");
    }
  }

  /** The connection has proved useful, so the backoff starts over at the next loss. */
  useful(): void {
    this.#backoff.reset();
  }

  /** Drops a connection that does not respond. */
  drop(session: Session, error: ArrwClientError): void {
    if (session === this.#session) this.#ended(error);
  }

  /** Closes permanently. */
  stop(): void {
    this.#error = closedByProgram();
    this.#happened("stop");
  }

  #happened(event: ConnectionEvent): void {
    const { to, effects } = transitions[this.#state][event];
    this.#state = to;
    for (const effect of effects) this.#effects[effect]();
  }

  /** A socket closed, or failed to open: decides whether to reconnect. */
  #ended(error: ArrwClientError): void {
    const delay = error.retryable ? this.#backoff.next() : undefined;
    this.#error = error;
    this.#pause = delay ?? 0;
    this.#happened(delay === undefined ? "refused" : "lost");
  }

  readonly #stop = () => this.stop();

  readonly #effects: { readonly [Effect in ConnectionEffect]: () => void } = {
    dial: () => this.#dial(),
    hangUp: () => this.#hangUp(),
    schedule: () => this.#startTimer(this.#pause, () => this.#happened("due")),
    cancel: () => clearTimeout(this.#timer),
    tellOpened: () => {
      const session = this.#session;
      if (session !== undefined) for (const user of this.#users) user.opened(session);
    },
    tellLost: () => {
      for (const user of this.#users) user.lost();
    },
    tellFailed: () => {
      const users = [...this.#users];
      this.#users.clear();
      this.#closed.removeEventListener("abort", this.#stop);
      for (const user of users) user.failed(this.#error);
    },
  };

  #dial(): void {
    const { WebSocket, protocols } = this.#settings;
    const socket = protocols.length === 0 ? new WebSocket(this.#address) : new WebSocket(this.#address, [...protocols]);
    const session = new Session(socket, this.#settings.timeout);
    this.#socket = socket;
    this.#session = session;
    const current = () => socket === this.#socket;
    socket.addEventListener("open", () => {
      if (!current()) return;
      clearTimeout(this.#timer);
      this.#heartbeat.start(session);
      this.#happened("opened");
    });
    socket.addEventListener("message", ({ data }) => {
      if (!current()) return;
      this.#heartbeat.heard();
      this.#receive(session, data);
    });
    // Browsers do not expose the error; the close event that follows is what counts.
    socket.addEventListener("error", () => undefined);
    socket.addEventListener("close", ({ code, reason }) => {
      if (current()) this.#ended(fromClose(code, reason));
    });
    this.#startTimer(this.#settings.timeout, () => {
      this.#ended(new ArrwClientError("timeout", `No connection within ${this.#settings.timeout} ms`));
    });
  }

  #receive(session: Session, data: unknown): void {
    try {
      session.receive(data);
    } catch (error) {
      const cause = { cause: error };
      this.#ended(error instanceof ArrwClientError ? error : new ArrwClientError("protocol", String(error), cause));
    }
  }

  #hangUp(): void {
    clearTimeout(this.#timer);
    this.#heartbeat.stop();
    const [socket, session] = [this.#socket, this.#session];
    this.#socket = undefined;
    this.#session = undefined;
    session?.end(this.#error);
    socket?.close(1000);
  }

  #startTimer(milliseconds: number, over: () => void): void {
    clearTimeout(this.#timer);
    if (milliseconds < 2 ** 31) this.#timer = setTimeout(over, milliseconds);
  }
}
