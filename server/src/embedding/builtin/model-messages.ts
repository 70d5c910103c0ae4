import { z } from "zod";

/** Dimension of the model's vectors. */
export const dimension = 512;

const request = z.object({
  id: z.int(),
  /** Queries overtake the documents that a thread has at hand. */
  urgent: z.boolean(),
  windows: z.array(z.string()),
});
/** One call of the model, as posted to a thread. */
export type BatchRequest = z.output<typeof request>;

const reply = z.discriminatedUnion("type", [
  z.object({ type: z.literal("ready") }),
  /** The vectors of the request's windows, concatenated. */
  z.object({ type: z.literal("vectors"), id: z.int(), numbers: z.instanceof(Float32Array) }),
]);
/** What a thread posts. A failure is the thread's end, as the model's memory may be corrupt after it. */
export type ModelReply = z.output<typeof reply>;

export const parseRequest = (message: unknown): BatchRequest => request.parse(message);
export const parseReply = (message: unknown): ModelReply => reply.parse(message);
