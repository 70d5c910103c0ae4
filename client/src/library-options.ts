import type { ClientSettings, RequestOptions } from "./options.ts";
import type { Http } from "./requests/http.ts";
import type { DocumentQuery, EventSelection, Filter } from "./wire.ts";

export interface SearchOptions extends RequestOptions {
  /** Whether to include the query plan (`explanation`). */
  readonly explain?: boolean | undefined;
}

export interface DocumentOptions extends RequestOptions {
  /** Whether to include the vector of each chunk (`embedding`). */
  readonly vectors?: boolean | undefined;
}

export interface DeleteOptions extends RequestOptions {
  /** The `seq` that the document must have. */
  readonly if_seq?: number | undefined;
}

export interface DocumentsOptions extends RequestOptions, Pick<DocumentQuery, "metadata_filter" | "sort"> {}

export interface DocumentPageOptions extends RequestOptions, DocumentQuery {}

export interface EventPageOptions extends RequestOptions {
  /** The position after which to start; 0 for all events that are kept. */
  readonly from_seq: number;
  readonly events?: EventSelection | undefined;
  readonly metadata_filter?: Filter | undefined;
  /** Maximum number of events, 1 to 1,000. Default is 100. */
  readonly limit?: number | undefined;
}

/** @internal What a handle is made from. */
export interface LibraryHandleOptions {
  readonly http: Http;
  readonly settings: ClientSettings;
  readonly id: string;
  /** Aborts when the whole client is closed. */
  readonly closed: AbortSignal;
}
