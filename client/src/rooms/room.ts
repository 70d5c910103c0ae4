import type { ServerMessage } from "@arrwdb/protocol/websocket/messages";
import { Backoff } from "../connection/backoff.ts";
import type { Connection, ConnectionUser } from "../connection/connection.ts";
import { ArrwClientError } from "../errors.ts";
import type { RequestOptions, ClientSettings } from "../options.ts";
import { RoomMessages, type RoomMessage } from "./room-messages.ts";
import type { Session } from "../connection/session.ts";
import { withWireVector } from "../vector.ts";
import { Deadline, unlessAborted } from "../waiting.ts";
import type { ActionResponse } from "@arrwdb/protocol/websocket/messages";
import type { Participant, RoomQuery, RoomSearchResponse, RoomState, SharedSearch } from "../wire.ts";

export interface RoomOptions {
  /** The name that the others see. */
  readonly name?: string | undefined;
}

/** @internal What a room is made from. */
export interface RoomParts extends RoomOptions {
  readonly connection: Connection;
  readonly settings: ClientSettings;
  readonly sessionId: string;
}

/**
 * A room in which participants share their searches. Once joined, it is rejoined on every new connection. Two with the
 * same name from one handle would be one participant, so create one and share it.
 */
export class Room {
  /** The name of the room. */
  readonly sessionId: string;
  readonly #name: string | undefined;
  readonly #connection: Connection;
  readonly #settings: ClientSettings;
  readonly #backoff: Backoff;
  readonly #readers = new Set<RoomMessages>();
  readonly #user: ConnectionUser;
  /** Undefined unless the room is joined or being joined; settled once the server has responded. */
  #inside: PromiseWithResolvers<Session> | undefined;
  #session: Session | undefined;
  #state: RoomState | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** @internal */
  constructor({ connection, settings, sessionId, name }: RoomParts) {
    this.#connection = connection;
    this.#settings = settings;
    this.#backoff = new Backoff(settings.reconnect);
    this.sessionId = sessionId;
    this.#name = name;
    this.#user = {
      opened: (session) => this.#enter(session),
      lost: () => this.#lost(),
      failed: (error) => this.#failed(error),
    };
  }

  /** The participants, in the order in which they joined; as last known while the connection is lost. */
  get participants(): readonly Participant[] {
    return this.#state?.participants ?? [];
  }

  /** Our own participant id, which changes after each reconnect. */
  get participantId(): string | undefined {
    return this.#state?.participant_id;
  }

  get lastSearch(): SharedSearch | null {
    return this.#state?.last_search ?? null;
  }

  /**
   * Joins, and stays until `leave`.
   *
   * @throws ArrwClientError such as `session_full` or `timeout`; the room is then not joined
   */
  async join(options: RequestOptions = {}): Promise<void> {
    const deadline = this.#deadline(options, "join");
    if (this.#inside === undefined) {
      this.#inside = pendingJoin();
      this.#connection.acquire(this.#user);
    }
    try {
      await unlessAborted(this.#inside.promise, deadline.signal);
    } catch (error) {
      if (this.#state === undefined) this.#out(error);
      throw error;
    } finally {
      deadline.dispose();
    }
  }

  /**
   * Searches, and shares the search with the room. While the connection is lost, it waits for the next one.
   *
   * @throws ArrwClientError `session_not_joined` before `join`; otherwise as any search
   */
  async search(query: string | RoomQuery, options: RequestOptions = {}): Promise<RoomSearchResponse> {
    const data = { ...withWireVector(typeof query === "string" ? { query_text: query } : query) };
    const deadline = this.#deadline(options, "search");
    try {
      for (;;) {
        if (this.#inside === undefined) throw new ArrwClientError("session_not_joined", "Join the room first");
        const session = await unlessAborted(this.#inside.promise, deadline.signal);
        try {
          const request = { ...data, session_id: this.sessionId };
          return wholeHits(await session.request("search", request, { signal: deadline.signal, timeout: Infinity }));
        } catch (error) {
          // If the connection was lost, the search may or may not have run; repeating it does no harm.
          if (deadline.signal.aborted || this.#session === session) throw error;
        }
      }
    } finally {
      deadline.dispose();
    }
  }

  /** The room's messages from now on. Ends when the room is left. */
  messages(options: { readonly signal?: AbortSignal | undefined } = {}): RoomMessages {
    const messages = new RoomMessages(options.signal, () => this.#readers.delete(messages));
    this.#readers.add(messages);
    return messages;
  }

  /** Leaves the room. */
  async leave(options: RequestOptions = {}): Promise<void> {
    const [session, joined] = [this.#session, this.#state !== undefined];
    try {
      // Without a connection we are out already.
      if (session !== undefined && joined) await session.request("leave", { session_id: this.sessionId }, options);
    } catch (error) {
      const out = error instanceof ArrwClientError && error.code === "session_not_joined";
      if (!out && this.#session === session) throw error;
    } finally {
      this.#out(new ArrwClientError("session_not_joined", "The client has left the room"));
      for (const reader of this.#readers) void reader.return();
    }
  }

  #deadline({ signal, timeout = this.#settings.timeout }: RequestOptions, what: string): Deadline {
    return new Deadline({ signal, timeout }, `${what} in the room ${this.sessionId}`);
  }

  #enter(session: Session): void {
    this.#session = session;
    const request = { session_id: this.sessionId, name: this.#name };
    const answered = (state: RoomState) => {
      if (this.#session !== session) return;
      const again = this.#state !== undefined;
      this.#state = state;
      this.#backoff.reset();
      this.#connection.useful();
      session.listen(this.sessionId, (message) => this.#onMessage(message));
      this.#inside?.resolve(session);
      const { session_id, library_id, participants } = state;
      if (again) this.#deliver({ type: "session.state", session_id, library_id, participants });
    };
    session.request("join", request, {}, answered).catch((error: unknown) => {
      if (this.#session === session) this.#refused(session, error);
    });
  }

  #refused(session: Session, error: unknown): void {
    if (!(error instanceof ArrwClientError)) return this.#failed(new ArrwClientError("protocol", String(error)));
    if (error.code === "network") return;
    if (error.code === "timeout") return this.#connection.drop(session, error);
    // A participant rejoins after a retryable error; a first join rejects.
    const delay = error.retryable && this.#state !== undefined ? this.#backoff.next() : undefined;
    if (delay === undefined) return this.#failed(error);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#enter(session), delay);
  }

  #onMessage(message: ServerMessage): void {
    const state = this.#state;
    if (state === undefined) return;
    if (message.type === "session.search") {
      this.#state = { ...state, last_search: message.data };
      this.#deliver(message);
    } else if (message.type === "session.joined" || message.type === "session.left") {
      const { participant_id } = message.participant;
      const others = state.participants.filter((participant) => participant.participant_id !== participant_id);
      const participants = message.type === "session.left" ? others : [...others, message.participant];
      this.#state = { ...state, participants };
      this.#deliver(message);
    } else if (message.type === "session.state") {
      this.#state = { ...state, participants: message.participants };
      this.#deliver(message);
    }
  }

  #deliver(message: RoomMessage): void {
    for (const reader of this.#readers) reader.tell(message);
  }

  #lost(): void {
    clearTimeout(this.#timer);
    this.#session = undefined;
    // Pending calls keep waiting; later calls wait for the next join.
    if (this.#state !== undefined) this.#inside = pendingJoin();
  }

  #failed(error: ArrwClientError): void {
    this.#out(error);
    for (const reader of this.#readers) reader.fail(error);
  }

  #out(reason: unknown): void {
    clearTimeout(this.#timer);
    this.#session?.unlisten(this.sessionId);
    this.#session = undefined;
    this.#state = undefined;
    this.#inside?.reject(reason);
    this.#inside = undefined;
    this.#connection.release(this.#user);
  }
}

function pendingJoin(): PromiseWithResolvers<Session> {
  const joined = Promise.withResolvers<Session>();
  // It may be rejected while no call is waiting.
  joined.promise.catch(() => undefined);
  return joined;
}

type SearchAnswer = ActionResponse<"search">;

const isWhole = (answer: SearchAnswer): answer is SearchAnswer & RoomSearchResponse =>
  answer.results.every(({ text, metadata, document }) => ![text, metadata, document].includes(undefined));

/** The server refuses to leave fields out of hits that others in a room are sent too. */
function wholeHits(answer: SearchAnswer): RoomSearchResponse {
  if (!isWhole(answer)) throw new Error("Hits of a room lack fields");
  return answer;
}
