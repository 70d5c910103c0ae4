import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { limits } from "@arrwdb/protocol/limits";
import { v7 as uuidv7 } from "uuid";
import type { EventStatistics } from "../events/event-statistics.ts";
import { Room } from "./room.ts";
import type { Subscriber } from "../subscriber.ts";

/** All rooms. One begins with its first participant and ends with its last. */
export class Rooms {
  readonly #rooms = new Map<string, Room>();
  readonly #statistics: EventStatistics;

  constructor(statistics: EventStatistics) {
    this.#statistics = statistics;
  }

  /** Rooms with participants. */
  get size(): number {
    return this.#rooms.size;
  }

  /** @throws ArrwError `session_full` */
  join(libraryId: string, sessionId: string, subscriber: Subscriber, name: string | null): Room {
    const key = keyOf(libraryId, sessionId);
    const room = this.#rooms.get(key) ?? new Room(libraryId, sessionId);
    if (room.size >= limits.participantsPerSession) {
      const message = `session_id: the room is full (${limits.participantsPerSession} participants); wait until one leaves`;
      throw new ArrwError("session_full", message, { field: "session_id" });
    }
    this.#rooms.set(key, room);
    room.join(subscriber, { participant_id: uuidv7(), name, joined_at: new Date().toISOString() });
    this.#statistics.subscribed("sessions", 1);
    return room;
  }

  leave(libraryId: string, sessionId: string, subscriber: Subscriber): void {
    const key = keyOf(libraryId, sessionId);
    const room = this.#rooms.get(key);
    if (room?.participantOf(subscriber) === undefined) return;
    room.leave(subscriber);
    this.#statistics.subscribed("sessions", -1);
    if (room.size === 0) this.#rooms.delete(key);
  }
}

const keyOf = (libraryId: string, sessionId: string) => `${libraryId} ${sessionId}`;
