import { ArrwError } from "@arrwdb/protocol/errors";
import { limits } from "@arrwdb/protocol/limits";
import type { SearchResponse } from "@arrwdb/protocol/search";
import type { Participant, SharedSearch } from "@arrwdb/protocol/sessions";
import { socketHits } from "../live-queries/live-query.ts";
import type { Room } from "./room.ts";
import type { Rooms } from "./rooms.ts";
import type { Subscriber } from "../subscriber.ts";

export interface Joined {
  readonly session_id: string;
  readonly participant_id: string;
  readonly participants: Participant[];
  readonly last_search: SharedSearch | null;
}

/** The rooms that one connection is in. */
export class RoomMemberships {
  readonly #libraryId: string;
  readonly #sessions: Rooms;
  readonly #subscriber: Subscriber;
  readonly #joined = new Map<string, Room>();
  #closed = false;

  constructor(libraryId: string, sessions: Rooms, subscriber: Subscriber) {
    this.#libraryId = libraryId;
    this.#sessions = sessions;
    this.#subscriber = subscriber;
  }

  /**
   * Joins, or tells what there is to tell to somebody who is there already.
   *
   * @throws ArrwError `session_full`, `too_many_sessions`
   */
  join(sessionId: string, name: string | null): Joined {
    const session = this.#joined.get(sessionId) ?? this.#enter(sessionId, name);
    return {
      session_id: sessionId,
      participant_id: session.participantOf(this.#subscriber)?.participant_id ?? "",
      participants: session.participants,
      last_search: session.lastSearch ?? null,
    };
  }

  /** @throws ArrwError `session_not_joined` */
  leave(sessionId: string): void {
    if (!this.#joined.delete(sessionId)) {
      const message = "session_id: this connection has not joined this room";
      throw new ArrwError("session_not_joined", message, { field: "session_id" });
    }
    this.#sessions.leave(this.#libraryId, sessionId, this.#subscriber);
  }

  /** Shares what was found with everybody in a room that this connection is in; it may have left meanwhile. */
  share(sessionId: string, requestId: string, queryText: string | null, response: SearchResponse): void {
    const session = this.#joined.get(sessionId);
    const participant = session?.participantOf(this.#subscriber);
    if (session === undefined || participant === undefined) return;
    session.share(requestId, {
      ...response,
      results: socketHits(response.results),
      query_text: queryText,
      participant_id: participant.participant_id,
    });
  }

  /** The connection can take more. */
  resume(): void {
    for (const session of this.#joined.values()) session.resume(this.#subscriber);
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
    const session = this.#sessions.join(this.#libraryId, sessionId, this.#subscriber, name);
    this.#joined.set(sessionId, session);
    return session;
  }
}
