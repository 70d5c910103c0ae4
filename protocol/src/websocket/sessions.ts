import { z } from "zod";
import { limits } from "../limits.ts";
import { roomSearchResponse, sessionId } from "../search/search.ts";
import { boundedText, sequenceNumber, timestamp, uuid } from "../text.ts";

/** A participant of a room: one connection. */
export const participant = z.object({
  participant_id: uuid.describe("Identifies the connection in this room"),
  name: z.string().nullable().describe("The name it gave when joining"),
  joined_at: timestamp.describe("When it joined, in UTC"),
});
export type Participant = z.output<typeof participant>;

export const joinRequest = z.strictObject({
  session_id: sessionId.describe("The name of the room"),
  name: boundedText(limits.participantName, 1).nullable().optional().describe("Your name in the room"),
});

/** The results of a shared search, and its query. */
export const sharedSearch = roomSearchResponse.extend({
  query_text: z.string().nullable().describe("The query text, or null if a vector was searched"),
  participant_id: uuid.describe("Who searched"),
});
export type SharedSearch = z.output<typeof sharedSearch>;

export const joinResponse = z.object({
  session_id: z.string().describe("The name of the room"),
  library_id: uuid.describe("The library"),
  participant_id: uuid.describe("Your own participant id"),
  participants: z.array(participant).describe("All participants, in the order in which they joined"),
  last_search: sharedSearch.nullable().describe("The last search, if any"),
  seq: sequenceNumber.describe("The library's position"),
});

export const leaveRequest = z.strictObject({ session_id: sessionId });
export const leaveResponse = z.object({ left: z.literal(true), session_id: z.string(), seq: sequenceNumber });

const common = { session_id: z.string(), library_id: uuid };

/** A search in the room, sent to every participant, including the searcher. */
export const sessionSearch = z.object({
  type: z.literal("session.search"),
  ...common,
  request_id: z.string(),
  success: z.literal(true),
  data: sharedSearch,
  error: z.null(),
});
export type SessionSearch = z.output<typeof sessionSearch>;

/** The participants, for a reader that missed individual joins and leaves. */
export const sessionState = z.object({
  type: z.literal("session.state"),
  ...common,
  participants: z.array(participant),
});

const presence = { ...common, participant, num_participants: z.int().min(0) };
export const sessionJoined = z.object({ type: z.literal("session.joined"), ...presence });
export const sessionLeft = z.object({ type: z.literal("session.left"), ...presence });
