import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import {
  type Action,
  actions,
  isAction,
  pingEnvelope,
  type RequestEnvelope,
  requestEnvelope,
} from "@arrwdb/protocol/websocket/messages";
import { toFailure } from "@arrwdb/protocol/errors/problem";
import { validate } from "@arrwdb/protocol/errors/validation";
import type { Socket } from "node:net";
import { SpanKind } from "@opentelemetry/api";
import type { Logger } from "pino";
import type { RawData, WebSocket } from "ws";
import type { Access } from "../access/access.ts";
import { type Caller, checkRate, nameOf } from "../access/usage-limits.ts";
import { parseJson, salvageJson } from "../util/json.ts";
import type { Participation, Services } from "../core/services.ts";
import type { Cause, Subscriber } from "../core/subscriber.ts";
import type { Monitor } from "../telemetry/monitor.ts";
import { inSpan } from "../telemetry/span.ts";
import type { HeldBytes } from "../scheduling/body-budget.ts";
import { type ActionContext, runAction } from "./websocket-actions.ts";
import { holdArriving } from "./arriving-messages.ts";
import { Outbox } from "./outbox.ts";
import { OwnWrites } from "./own-writes.ts";
import { WriteOrder } from "./write-order.ts";

/** Milliseconds that a peer has to confirm the close when the server stops. */
const closeTimeout = 5_000;

/** What a connection is made of. */
export interface ConnectionParts {
  readonly libraryId: string;
  readonly webSocket: WebSocket;
  /** That the WebSocket runs on. */
  readonly socket: Socket;
  /** Who opened it. */
  readonly caller: Caller;
  /** Memory reserved for partial messages. */
  readonly held: HeldBytes;
  readonly services: Services;
  readonly access: Access;
  /** Milliseconds within which a reader must read some of its queued messages. */
  readonly stallTimeout: number;
  /** Names the connection in each of its lines. */
  readonly logger: Logger;
  readonly monitor: Monitor;
  /** Milliseconds from which on requests are logged as slow; undefined if none are. */
  readonly slowRequest: number | undefined;
}

/** A request with its id; pings may have none. */
type ReceivedRequest = Omit<RequestEnvelope, "request_id"> & { readonly request_id: string | null };

const isPing = (value: unknown): boolean =>
  typeof value === "object" && value !== null && "action" in value && value.action === "ping";

/** One WebSocket connection to one library: requests in, responses and events out. */
export class Connection implements Subscriber {
  readonly #webSocket: WebSocket;
  readonly #socket: Socket;
  readonly #parts: ConnectionParts;
  readonly #outbox: Outbox;
  readonly #ownWrites = new OwnWrites((json) => this.#outbox.send(json));
  readonly #participation: Participation;
  readonly #context: Omit<ActionContext, "requestId">;
  readonly #gone = new AbortController();
  /** Incoming data is no longer read. */
  #over = false;
  readonly #running = new Set<Promise<void>>();
  readonly #endListening: () => void;
  readonly #access: Access;
  readonly #caller: Caller;
  /** Stops waiting for the end of the key. */
  #forget: () => void = () => undefined;
  #draining = false;
  /** Something may wait for the reader to catch up. */
  #behind = false;

  constructor(parts: ConnectionParts) {
    const { libraryId, webSocket, socket, caller, held, services, access, stallTimeout } = parts;
    this.#webSocket = webSocket;
    this.#socket = socket;
    this.#access = access;
    this.#caller = caller;
    this.#parts = parts;
    this.#outbox = new Outbox({
      webSocket,
      socket,
      stallTimeout,
      changed: () => this.#regulate(),
      overflowed: (error) => this.fail(error),
    });
    holdArriving(webSocket, socket, held, (error) => this.#refuseMore(error));
    this.#participation = services.participate(libraryId, this);
    this.#context = {
      libraryId,
      services,
      ...this.#participation,
      writes: new WriteOrder(),
      ownWrites: this.#ownWrites,
      signal: this.#gone.signal,
      checkAllowed: () => access.checkScope(caller.principal, "write"),
      caller: nameOf(caller),
    };
    // Registered after the subscriptions, so that subscribers receive the deletion before the close.
    this.#endListening = services.hub.listen(libraryId, ({ event }) => {
      if (event.type === "library.deleted") this.fail(new ArrwError("library_deleted", "The library was deleted"));
    });
    webSocket.on("message", (data, isBinary) => this.#receive(data, isBinary));
    webSocket.on("error", (error) => parts.logger.debug({ err: error }, "connection failed"));
    webSocket.once("close", (code) => this.#closed(code));
    this.#forget = caller.principal.onEnd((reason) => {
      this.fail(reason);
      // Requests in progress must not be answered any more.
      this.#gone.abort(reason);
    });
  }

  send(json: string, cause?: Cause): void {
    this.#ownWrites.tell(json, cause);
  }

  get congested(): boolean {
    return this.#outbox.congested || this.#ownWrites.waiting > limits.congestedBytes;
  }

  /** Closes with the error's own close code. */
  fail(error: ArrwError): void {
    this.#over = true;
    // No further response will be sent that held messages would have to wait for.
    this.#ownWrites.flush();
    this.#leave();
    this.#webSocket.close(error.definition.close ?? 1011, error.message.slice(0, 100));
    // The peer's own close is the last thing to be read.
    this.#webSocket.resume();
  }

  /** No memory is left for the peer's messages, so reading stops. */
  #refuseMore(cause: unknown): void {
    if (this.#over) {
      this.#socket.destroy();
      return;
    }
    this.#parts.monitor.failed("websocket", "overloaded");
    this.fail(new ArrwError("overloaded", toArrwError(cause).message, { cause, retryAfter: 1 }));
    this.#socket.destroySoon();
  }

  /**
   * Responds to requests in progress, refuses later ones, and closes with 1001. Does not wait for an unresponsive peer.
   */
  async drain(timeout: number): Promise<void> {
    this.#draining = true;
    const closed = Promise.withResolvers<void>();
    this.#webSocket.once("close", () => closed.resolve());
    if (this.#webSocket.readyState === this.#webSocket.CLOSED) return;
    const terminate = () => this.#webSocket.terminate();
    const timers = [setTimeout(terminate, timeout)];
    await Promise.race([Promise.allSettled(this.#running), closed.promise]);
    this.fail(new ArrwError("shutting_down", "The server is shutting down"));
    timers.push(setTimeout(terminate, Math.min(timeout, closeTimeout)));
    // The peer has confirmed the close, so the socket can be terminated even if the peer does not end its side.
    if (this.#socket.writableFinished) terminate();
    else this.#socket.once("finish", terminate);
    await closed.promise;
    timers.forEach(clearTimeout);
  }

  #receive(data: RawData, isBinary: boolean): void {
    // A peer may keep sending until it confirms the close.
    if (this.#over) return;
    if (isBinary)
      return this.fail(new ArrwError("binary_frame", "Binary messages are not supported; send JSON as text"));
    const message = textOf(data);
    const most = this.#access.usage.bodyBytes(this.#caller);
    if (message.length > most) {
      return this.fail(new ArrwError("body_too_large", `The message is larger than the maximum of ${most} bytes`));
    }
    const run = this.#answer(message).finally(() => {
      this.#running.delete(run);
      this.#regulate();
    });
    this.#running.add(run);
    this.#regulate();
  }

  /** Requests wait in the client's socket rather than in our memory. */
  #regulate(): void {
    if (this.#webSocket.readyState !== this.#webSocket.OPEN) return;
    const full = this.#running.size >= limits.requestsPerConnection || this.#outbox.congested;
    if (full && !this.#webSocket.isPaused) this.#webSocket.pause();
    else if (!full && this.#webSocket.isPaused) this.#webSocket.resume();
    if (this.congested) this.#behind = true;
    else if (this.#behind) {
      this.#behind = false;
      this.#participation.subscriptions.resume();
      this.#participation.rooms.resume();
    }
  }

  /** Handles one message, whatever its content. Never rejects. */
  async #answer(message: Buffer): Promise<void> {
    let requestId: string | null = null;
    try {
      const value = parseJson(message, "The message");
      const request = isPing(value) ? validate(pingEnvelope, value) : validate(requestEnvelope, value);
      requestId = request.request_id ?? null;
      if (this.#draining) throw new ArrwError("shutting_down", "The server is shutting down; reconnect");
      const { action } = request;
      if (!isAction(action)) throw unknownAction(action);
      checkRate(this.#access.usage.rate(this.#caller));
      this.#access.checkScope(this.#caller.principal, actions[action].scope);
      const release = this.#access.usage.begin(this.#caller);
      try {
        await this.#observe(action, requestId, () => this.#run(action, { ...request, request_id: requestId }));
      } finally {
        release();
      }
    } catch (error) {
      this.#fail(requestId ?? requestIdOf(salvageJson(message)), error);
    }
  }

  #run(action: Action, { request_id, data, traceparent, tracestate }: ReceivedRequest): Promise<void> {
    const respond = (answer: unknown) => {
      this.#send({ type: "response", request_id, success: true, data: answer, error: null });
    };
    const requestId = request_id ?? "";
    const context = { ...this.#context, requestId };
    const attributes = { "arrwdb.request_id": requestId };
    const options = { kind: SpanKind.SERVER, parent: { traceparent, tracestate } };
    return inSpan(`websocket ${action}`, attributes, () => runAction(action, data ?? {}, context, respond), options);
  }

  async #observe(action: Action, requestId: string | null, run: () => Promise<void>): Promise<void> {
    const { logger, monitor, slowRequest } = this.#parts;
    const started = performance.now();
    let succeeded = false;
    try {
      await run();
      succeeded = true;
    } finally {
      const milliseconds = Math.round((performance.now() - started) * 100) / 100;
      monitor.actionEnded(action, succeeded, milliseconds / 1_000);
      const line = { request_id: requestId, action, succeeded, milliseconds };
      if (slowRequest !== undefined && milliseconds >= slowRequest) logger.warn(line, "slow request");
      else logger.debug(line, "request");
    }
  }

  #fail(requestId: string | null, error: unknown): void {
    if (this.#gone.signal.aborted) return;
    const fault = toArrwError(error);
    const { logger, monitor } = this.#parts;
    monitor.failed("websocket", fault.code);
    const line = { request_id: requestId, code: fault.code };
    if (fault.code === "internal") logger.error({ ...line, err: fault.cause ?? fault }, "request failed");
    else logger.debug({ ...line, field: fault.field }, "request rejected");
    // The field is as old as the error.
    const retry = fault.code === "rate_limited" ? { retry_after: fault.retryAfter } : {};
    this.#send({ type: "response", request_id: requestId, data: null, ...toFailure(fault), ...retry });
  }

  #send(message: unknown): void {
    this.#outbox.send(stringifyExactly(message));
  }

  /** Sends nothing more. */
  #leave(): void {
    this.#endListening();
    this.#forget();
    this.#participation.subscriptions.close();
    this.#participation.rooms.close();
  }

  #closed(code: number): void {
    this.#parts.logger.debug({ code }, "connection closed");
    this.#gone.abort(new DOMException("The client disconnected", "AbortError"));
    this.#leave();
  }
}

/** The id of a request that is otherwise invalid, so that the error can be matched to it. */
function requestIdOf(value: unknown): string | null {
  if (typeof value !== "object" || value === null || !("request_id" in value)) return null;
  return requestEnvelope.shape.request_id.safeParse(value.request_id).data ?? null;
}

function unknownAction(action: string): ArrwError {
  const message = `action: ${JSON.stringify(action.slice(0, 50))} is unknown; must be one of ${Object.keys(actions).join(", ")}`;
  return new ArrwError("unknown_action", message, { field: "action" });
}

function textOf(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data;
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data);
}
