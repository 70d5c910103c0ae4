import type { ActionResponse, ServerMessage } from "@arrwdb/protocol/websocket/messages";
import { Backoff } from "../connection/backoff.ts";
import type { Connection, ConnectionUser } from "../connection/connection.ts";
import { ArrwClientError, fromFailure } from "../errors.ts";
import type { BackoffSettings } from "../connection/backoff.ts";
import type { Session } from "../connection/session.ts";
import type { ActionInput } from "../wire.ts";

export type SubscribeRequest = ActionInput<"subscribe">;
export type SubscribeResponse = ActionResponse<"subscribe">;

/** What a feed or a live query does with its subscription. */
export interface Subscriber {
  /** The request, with the position reached so far. */
  readonly request: () => SubscribeRequest;
  readonly subscribed: (answer: SubscribeResponse) => void;
  readonly received: (message: ServerMessage) => void;
  /** There will be nothing more. */
  readonly failed: (error: ArrwClientError) => void;
}

/** Keeps one subscription alive: creates it on every new connection, and again if the server ended it. */
export class Subscription implements ConnectionUser {
  readonly #connection: Connection;
  readonly #subscriber: Subscriber;
  readonly #backoff: Backoff;
  #session: Session | undefined;
  /** Numbers the attempts, so that results of an earlier one are ignored. */
  #attempt = 0;
  #id: string | undefined;
  #paused = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(connection: Connection, subscriber: Subscriber, reconnect: BackoffSettings) {
    this.#connection = connection;
    this.#subscriber = subscriber;
    this.#backoff = new Backoff(reconnect);
  }

  start(): void {
    this.#connection.acquire(this);
  }

  /** Unsubscribes and lets the connection go. */
  stop(): void {
    this.#withdraw();
    this.#session = undefined;
    this.#connection.release(this);
  }

  /** Delivers nothing until `resume`; messages already sent by the server are ignored. */
  pause(): void {
    this.#paused = true;
    this.#withdraw();
  }

  resume(): void {
    this.#paused = false;
    this.#subscribe();
  }

  get paused(): boolean {
    return this.#paused;
  }

  opened(session: Session): void {
    this.#session = session;
    this.#subscribe();
  }

  lost(): void {
    this.#attempt += 1;
    this.#id = undefined;
    this.#session = undefined;
    clearTimeout(this.#timer);
  }

  failed(error: ArrwClientError): void {
    this.lost();
    this.#subscriber.failed(error);
  }

  #subscribe(): void {
    const session = this.#session;
    if (session === undefined || this.#paused) return;
    const attempt = ++this.#attempt;
    const answered = (answer: SubscribeResponse) => {
      if (attempt !== this.#attempt) return this.#unsubscribe(session, answer.subscription_id);
      this.#id = answer.subscription_id;
      this.#backoff.reset();
      this.#connection.useful();
      session.listen(answer.subscription_id, (message) => this.#onMessage(message));
      this.#subscriber.subscribed(answer);
    };
    session.request("subscribe", this.#subscriber.request(), {}, answered).catch((error: unknown) => {
      if (attempt === this.#attempt) this.#refused(session, error);
    });
  }

  #refused(session: Session, error: unknown): void {
    if (!(error instanceof ArrwClientError)) return this.#fail(new ArrwClientError("protocol", String(error)));
    // `lost` handles the loss of the connection, and `opened` a new one.
    if (error.code === "network") return;
    if (error.code === "timeout") return this.#connection.drop(session, error);
    this.#retry(error);
  }

  #onMessage(message: ServerMessage): void {
    if (message.type !== "subscription.ended") return this.#subscriber.received(message);
    this.#session?.unlisten(message.subscription_id);
    this.#id = undefined;
    this.#retry(fromFailure(message));
  }

  #retry(error: ArrwClientError): void {
    const delay = error.retryable ? this.#backoff.next() : undefined;
    if (delay === undefined) return this.#fail(error);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#subscribe(), delay);
  }

  #fail(error: ArrwClientError): void {
    this.stop();
    this.#subscriber.failed(error);
  }

  /** Ends the subscription or the pending attempt, and keeps the connection. */
  #withdraw(): void {
    this.#attempt += 1;
    clearTimeout(this.#timer);
    if (this.#session !== undefined && this.#id !== undefined) this.#unsubscribe(this.#session, this.#id);
    this.#id = undefined;
  }

  #unsubscribe(session: Session, id: string): void {
    session.unlisten(id);
    // A connection that is gone has no subscriptions any more.
    session.request("unsubscribe", { subscription_id: id }).catch(() => undefined);
  }
}
