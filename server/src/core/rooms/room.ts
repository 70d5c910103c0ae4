import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { Participant, SessionSearch, SharedSearch } from "@arrwdb/protocol/websocket/sessions";
import type { Subscriber } from "../subscriber.ts";

/** A participant of a room, with its queued messages. */
interface RoomMember {
  readonly participant: Participant;
  readonly subscriber: Subscriber;
  /** The newest search queued for the reader; it replaces earlier ones. */
  search: string | undefined;
  /** Whether participants joined or left since the reader's last update. */
  stale: boolean;
}

/** One room: its participants, and its last search. */
export class Room {
  readonly #libraryId: string;
  readonly #sessionId: string;
  readonly #members = new Map<Subscriber, RoomMember>();
  #lastSearch: SharedSearch | undefined;

  constructor(libraryId: string, sessionId: string) {
    this.#libraryId = libraryId;
    this.#sessionId = sessionId;
  }

  get size(): number {
    return this.#members.size;
  }

  get participants(): Participant[] {
    return [...this.#members.values()].map(({ participant }) => participant);
  }

  get lastSearch(): SharedSearch | undefined {
    return this.#lastSearch;
  }

  participantOf(subscriber: Subscriber): Participant | undefined {
    return this.#members.get(subscriber)?.participant;
  }

  /** Notifies the other participants. */
  join(subscriber: Subscriber, participant: Participant): void {
    this.#members.set(subscriber, { participant, subscriber, search: undefined, stale: false });
    this.#sendPresence("session.joined", participant, subscriber);
  }

  /** Notifies the remaining participants. */
  leave(subscriber: Subscriber): void {
    const member = this.#members.get(subscriber);
    this.#members.delete(subscriber);
    if (member !== undefined) this.#sendPresence("session.left", member.participant, subscriber);
  }

  /** Tells everybody the results, the searcher too. */
  share(requestId: string, data: SharedSearch): void {
    this.#lastSearch = data;
    const message: SessionSearch = {
      type: "session.search",
      session_id: this.#sessionId,
      library_id: this.#libraryId,
      request_id: requestId,
      success: true,
      data,
      error: null,
    };
    const json = stringifyExactly(message);
    for (const member of this.#members.values()) {
      if (member.subscriber.congested) member.search = json;
      else member.subscriber.send(json);
    }
  }

  /** Sends a reader that is no longer congested what it has missed. */
  resume(subscriber: Subscriber): void {
    const member = this.#members.get(subscriber);
    if (member === undefined || subscriber.congested) return;
    if (member.stale) {
      member.stale = false;
      const state = { type: "session.state", session_id: this.#sessionId, library_id: this.#libraryId };
      subscriber.send(stringifyExactly({ ...state, participants: this.participants }));
    }
    if (member.search === undefined) return;
    subscriber.send(member.search);
    member.search = undefined;
  }

  #sendPresence(type: "session.joined" | "session.left", participant: Participant, except: Subscriber): void {
    const message = { type, session_id: this.#sessionId, library_id: this.#libraryId };
    const json = stringifyExactly({ ...message, participant, num_participants: this.size });
    for (const member of this.#members.values()) {
      if (member.subscriber === except) continue;
      if (member.subscriber.congested) member.stale = true;
      else member.subscriber.send(json);
    }
  }
}
