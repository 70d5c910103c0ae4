import { z } from "zod";
import { documentSummary, library } from "./model.ts";
import { sequenceNumber, timestamp, uuid } from "./text.ts";

const common = { library_id: uuid, seq: sequenceNumber, timestamp };
const event = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({ type: z.literal(type), ...common, data });

/** A document as an event tells it: all but its text. `document_id` is its id once more. */
const documentData = documentSummary.extend({ document_id: uuid });

export const libraryEvent = z.discriminatedUnion("type", [
  event("library.created", library),
  event("library.updated", library),
  event("library.deleted", z.object({ id: uuid })),
  event("document.added", documentData),
  event("document.updated", documentData),
  event("document.deleted", z.object({ document_id: uuid, title: z.string() })),
]);
export type LibraryEvent = z.output<typeof libraryEvent>;
export type EventType = LibraryEvent["type"];

export const eventTypes = [
  "library.created",
  "library.updated",
  "library.deleted",
  "document.added",
  "document.updated",
  "document.deleted",
] as const satisfies readonly EventType[];
