import { jsonInOneLine } from "@arrwdb/protocol/json/json-line";
import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { FilterRecord } from "@arrwdb/protocol/filter/filter";
import { documentRecord } from "../../store/filter-record.ts";

/** An event with its JSON, on one line, and the record that filters read; both made once for all readers. */
export class PublishedEvent {
  readonly event: LibraryEvent;
  #json: string | undefined;
  #record: { readonly value: FilterRecord | undefined } | undefined;

  constructor(event: LibraryEvent) {
    this.event = event;
  }

  get json(): string {
    this.#json ??= jsonInOneLine(this.event);
    return this.#json;
  }

  /** The document that the event is about; undefined if there is none. */
  get record(): FilterRecord | undefined {
    this.#record ??= { value: recordOf(this.event) };
    return this.#record.value;
  }
}

function recordOf(event: LibraryEvent): FilterRecord | undefined {
  switch (event.type) {
    case "document.added":
    case "document.updated":
      return sourceRecord(event.data, event.data);
    case "document.deleted":
      return sourceRecord(event.data, {});
    case "document.expired":
      return sourceRecord(event.data, { expires_at: event.data.expires_at });
    case "library.created":
    case "library.updated":
    case "library.deleted":
    case "search.performed":
      return undefined;
  }
}

type DocumentData = Extract<LibraryEvent, { type: "document.deleted" }>["data"];

/** DocumentTimes of a document that its event tells. */
type DocumentTimes = Partial<Pick<DocumentSummary, "created_at" | "updated_at" | "expires_at">>;

function sourceRecord(data: DocumentData, { created_at, updated_at, expires_at }: DocumentTimes): FilterRecord {
  return documentRecord({
    documentId: data.document_id,
    title: data.title,
    author: data.author,
    documentType: data.document_type,
    sourceUrl: data.source_url,
    tags: data.tags,
    documentMetadata: data.metadata,
    createdAt: created_at,
    updatedAt: updated_at,
    expiresAt: expires_at,
  });
}
