import { parseExactly, stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { Action, ActionResponse, ServerMessage } from "@arrwdb/protocol/websocket/messages";
import { ArrwClientError, fromFailure, type WireFailure } from "../errors.ts";
import type { RequestOptions } from "../options.ts";
import { Deadline } from "../waiting.ts";
import type { WebSocketLike } from "./web-socket.ts";
import type { ActionInput } from "../wire.ts";

/** Receives the messages of one subscription or one room. */
export type Listener = (message: ServerMessage) => void;

interface Answered {
  readonly type: "response";
  readonly request_id: string | null;
  readonly data: unknown;
}
type Answer = (Answered & { readonly success: true }) | (Answered & { readonly success: false } & WireFailure);

interface Pending {
  readonly answer: (data: unknown) => void;
  readonly fail: (error: ArrwClientError) => void;
}

/** One open WebSocket: matches responses to requests, and messages to listeners. */
export class Session {
  readonly #socket: WebSocketLike;
  readonly #timeout: number;
  readonly #pending = new Map<string, Pending>();
  readonly #listeners = new Map<string, Listener>();
  #nextId = 1;
  #ended: ArrwClientError | undefined;

  /** @param timeout default milliseconds to wait for a response */
  constructor(socket: WebSocketLike, timeout: number) {
    this.#socket = socket;
    this.#timeout = timeout;
  }

  /** @param key a subscription's id, or a room's `session_id` */
  listen(key: string, listener: Listener): void {
    this.#listeners.set(key, listener);
  }

  unlisten(key: string): void {
    this.#listeners.delete(key);
  }

  /**
   * Sends a request, and waits for the response.
   *
   * @param answered called with the response before any later message is handled, because the promise resolves too late
   *   to add a listener without missing messages
   * @throws ArrwClientError with the server's code, `timeout`, or `network` if the connection ends first
   */
  async request<Name extends Action>(
    action: Name,
    data: ActionInput<Name>,
    options: RequestOptions = {},
    answered?: (data: ActionResponse<Name>) => void,
  ): Promise<ActionResponse<Name>> {
    if (this.#ended !== undefined) throw this.#ended;
    const id = `${action}-${this.#nextId++}`;
    const result = Promise.withResolvers<ActionResponse<Name>>();
    const deadline = new Deadline({ signal: options.signal, timeout: options.timeout ?? this.#timeout }, action);
    const aborted = () => result.reject(deadline.signal.reason);
    deadline.signal.addEventListener("abort", aborted);
    this.#pending.set(id, {
      answer: (value) => {
        // Trusted to match the protocol's response of this action.
        const response: ActionResponse<Name> = Object(value);
        answered?.(response);
        result.resolve(response);
      },
      fail: (error) => result.reject(error),
    });
    try {
      deadline.signal.throwIfAborted();
      this.#socket.send(stringifyExactly({ request_id: id, action, data }));
      return await result.promise;
    } finally {
      this.#pending.delete(id);
      deadline.dispose();
    }
  }

  /**
   * Handles one message of the socket.
   *
   * @throws ArrwClientError `protocol` if it is not a message of arrwDB
   */
  receive(data: unknown): void {
    const message = parse(data);
    if (message.type === "response") return this.#answer(message);
    for (const key of keysOf(message)) this.#listeners.get(key)?.(message);
  }

  /** Fails the pending requests. */
  end(error: ArrwClientError): void {
    this.#ended = error;
    for (const { fail } of this.#pending.values()) fail(error);
    this.#listeners.clear();
  }

  #answer(answer: Answer): void {
    // A response without a request arrived after its time-out.
    const pending = this.#pending.get(answer.request_id ?? "");
    if (answer.success) pending?.answer(answer.data);
    else pending?.fail(fromFailure(answer));
  }
}

function parse(data: unknown): ServerMessage | Answer {
  try {
    const message: ServerMessage | Answer | null = parseExactly(String(data));
    if (typeof message === "object" && message !== null && typeof message.type === "string") return message;
  } catch (error) {
    throw new ArrwClientError("protocol", "The server sent a message that is not JSON", { cause: error });
  }
  throw new ArrwClientError("protocol", "The server sent a message without a type");
}

/** For whom a message is. */
function keysOf(message: ServerMessage): readonly string[] {
  if ("subscription_ids" in message) return message.subscription_ids;
  if ("subscription_id" in message) return [message.subscription_id];
  return "session_id" in message ? [message.session_id] : [];
}
