import { z } from "zod";
import { limits } from "./limits.ts";
import { sessionId, socketSearchResponse } from "./search.ts";
import { boundedText, sequenceNumber, timestamp, uuid } from "./text.ts";

/** Someone in a room: one connection. */
export const participant = z.object({
  participant_id: uuid,
  /** What it called itself when it joined. */
  name: z.string().nullable(),
  joined_at: timestamp,
});
export type Participant = z.output<typeof participant>;

export const joinRequest = z.strictObject({
  session_id: sessionId,
  name: boundedText(limits.participantName, 1).nullable().optional(),
});

/** The results of a shared search, and what was searched. */
export const sharedSearch = socketSearchResponse.extend({
  /** The text that was searched, or null where a vector was. */
  query_text: z.string().nullable(),
  participant_id: uuid,
});
export type SharedSearch = z.output<typeof sharedSearch>;

export const joinResponse = z.object({
  session_id: z.string(),
  /** The joiner's own. */
  participant_id: uuid,
  /** Everybody who is there, in the order in which they joined. */
  participants: z.array(participant),
  last_search: sharedSearch.nullable(),
  seq: sequenceNumber,
});

export const leaveRequest = z.strictObject({ session_id: sessionId });
export const leaveResponse = z.object({ left: z.literal(true), session_id: z.string(), seq: sequenceNumber });

const common = { session_id: z.string(), library_id: uuid };

/** A search in the room, told to every participant, the searcher included. */
export const sessionSearch = z.object({
  type: z.literal("session.search"),
  ...common,
  request_id: z.string(),
  success: z.literal(true),
  data: sharedSearch,
  error: z.null(),
});
export type SessionSearch = z.output<typeof sessionSearch>;

/** Who is there, for a reader that could not be told of each who came and went. */
export const sessionState = z.object({
  type: z.literal("session.state"),
  ...common,
  participants: z.array(participant),
});

const presence = { ...common, participant, num_participants: z.int().min(0) };
export const sessionJoined = z.object({ type: z.literal("session.joined"), ...presence });
export const sessionLeft = z.object({ type: z.literal("session.left"), ...presence });
