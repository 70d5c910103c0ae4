import { z } from "zod";
import { eventTypes } from "./events.ts";
import { errorCode } from "./ingestion.ts";
import { limits } from "./limits.ts";
import { document, documentDeleted, documentInput, documentSummary } from "./model.ts";
import { socketSearchRequest, socketSearchResponse } from "./search.ts";
import { boundedText, sequenceNumber, uuid } from "./text.ts";

/** The frame of every client message; `data` is checked by its action. */
export const requestEnvelope = z.strictObject({
  request_id: boundedText(limits.requestIdLength, 1),
  action: z.string({ error: "must be a string that names an action" }),
  data: z.unknown().optional(),
});

const documentReference = z.strictObject({ document_id: uuid });

const subscribeRequest = z.strictObject({
  /** The types to hear of; all where it is absent. */
  events: z
    .array(z.enum(eventTypes, { error: `must be one of ${eventTypes.join(", ")}` }))
    .min(1, "must name at least one event type, or be left out for all")
    .max(eventTypes.length)
    .optional(),
});

/** Each action with the schema of its `data` and of the answer's. */
export const actions = {
  search: { request: socketSearchRequest, response: socketSearchResponse },
  add: {
    request: documentInput,
    response: z.object({ document: documentSummary, seq: sequenceNumber }),
  },
  delete: { request: documentReference, response: documentDeleted },
  get: { request: documentReference, response: z.object({ document, seq: sequenceNumber }) },
  subscribe: {
    request: subscribeRequest,
    response: z.object({ subscription_id: uuid, seq: sequenceNumber, events: z.array(z.enum(eventTypes)) }),
  },
  unsubscribe: {
    request: z.strictObject({ subscription_id: uuid }),
    response: z.object({ unsubscribed: z.literal(true), subscription_id: uuid }),
  },
} as const;

export type Action = keyof typeof actions;
export type ActionRequest<Name extends Action> = z.output<(typeof actions)[Name]["request"]>;
export type ActionResponse<Name extends Action> = z.output<(typeof actions)[Name]["response"]>;

export const isAction = (name: string): name is Action => Object.hasOwn(actions, name);

const answered = { type: z.literal("response"), request_id: z.string() };

/** The answer to one request. `data` is that of the action. */
export const successResponse = z.object({ ...answered, success: z.literal(true), data: z.unknown(), error: z.null() });
export const failureResponse = z.object({
  ...answered,
  request_id: z.string().nullable(),
  success: z.literal(false),
  data: z.null(),
  error: z.string(),
  error_code: errorCode,
  field: z.string().optional(),
  retryable: z.boolean(),
});
