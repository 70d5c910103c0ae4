import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import { z } from "zod";
import { beginningOf, inOneLine } from "./bounded-text.ts";

export const shownEvent = z.object({
  position: z.int(),
  type: z.string(),
  timestamp: z.string(),
  document_id: z.string().optional(),
  /** The title of a document, the name of a library, or the text of a search. */
  about: z.string().nullable(),
});
type ShownEvent = z.output<typeof shownEvent>;

function aboutOf({ data }: LibraryEvent): string | null {
  if ("title" in data) return data.title;
  if ("name" in data) return data.name;
  return "query" in data ? data.query : null;
}

/** What a model needs to know of an event. */
export function shown(event: LibraryEvent): ShownEvent {
  const about = aboutOf(event);
  return {
    position: event.seq,
    type: event.type,
    timestamp: event.timestamp,
    ...("document_id" in event.data ? { document_id: event.data.document_id } : {}),
    about: about === null ? null : beginningOf(inOneLine(about), 200),
  };
}

export function eventText({ position, type, timestamp, document_id, about }: ShownEvent): string {
  const what = [
    ...(about === null ? [] : [about]),
    ...(document_id === undefined ? [] : [`(${shownDocumentId(document_id)})`]),
  ];
  return `- ${position} ${type} ${what.join(" ")} at ${timestamp}`;
}
