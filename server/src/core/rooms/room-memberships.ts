import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { RankedHit } from "@arrwdb/protocol/search/search";
import type { ResponseWith } from "../search/found-response.ts";
import type { Participant, SharedSearch } from "@arrwdb/protocol/websocket/sessions";
import { socketResults } from "../live-queries/live-query-subscription.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";
import type { Subscriber } from "../subscriber.ts";

export interface Joined {
  readonly session_id: string;
  readonly library_id: string;
  readonly participant_id: string;
  readonly participants: Participant[];
  readonly last_search: SharedSearch | null;
}

/** The rooms that one connection is in. */
export class RoomMemberships {
  readonly #libraryId: string;
  readonly #rooms: Rooms;
  readonly #subscriber: Subscriber;
  readonly #joined = new Map<string, Room>();
  #closed = false;

  constructor(libraryId: string, rooms: Rooms, subscriber: Subscriber) {
    this.#libraryId = libraryId;
    this.#rooms = rooms;
    this.#subscriber = subscriber;
  }

  /**
   * Joins, or returns the current state if the connection has joined already.
   *
   * @throws ArrwError `session_full`, `too_many_sessions`
   */
  join(sessionId: string, name: string | null): Joined {
    const room = this.#joined.get(sessionId) ?? this.#enter(sessionId, name);
    return {
      session_id: sessionId,
      library_id: this.#libraryId,
      participant_id: room.participantOf(this.#subscriber)?.participant_id ?? "",
      participants: room.participants,
      last_search: room.lastSearch ?? null,
    };
  }

  /** @throws ArrwError `session_not_joined` */
  leave(sessionId: string): void {
    if (!this.#joined.delete(sessionId)) {
      const message = "session_id: this connection has not joined this room";
      throw new ArrwError("session_not_joined", message, { field: "session_id" });
    }
    this.#rooms.leave(this.#libraryId, sessionId, this.#subscriber);
  }

  /** Shares a search with everyone in a room that this connection joined; it may have left meanwhile. */
  share(sessionId: string, requestId: string, queryText: string | null, response: ResponseWith<RankedHit>): void {
    const room = this.#joined.get(sessionId);
    const participant = room?.participantOf(this.#subscriber);
    if (room === undefined || participant === undefined) return;
    room.share(requestId, {
      ...response,
      ...socketResults(response),
      query_text: queryText,
      participant_id: participant.participant_id,
    });
  }

  /** The connection is no longer congested. */
  resume(): void {
    for (const room of this.#joined.values()) room.resume(this.#subscriber);
  }

  close(): void {
    this.#closed = true;
    for (const sessionId of this.#joined.keys()) this.leave(sessionId);
  }

  #enter(sessionId: string, name: string | null): Room {
    if (this.#closed) throw new ArrwError("shutting_down", "The connection is closed");
    if (this.#joined.size >= limits.sessionsPerConnection) {
      const message = `session_id: a connection may join at most ${limits.sessionsPerConnection} rooms; leave one first`;
      throw new ArrwError("too_many_sessions", message, { field: "session_id" });
    }
    const room = this.#rooms.join(this.#libraryId, sessionId, this.#subscriber, name);
    this.#joined.set(sessionId, room);
    return room;
  }
}
