import { z } from "zod";
import type { ErrorCode } from "../errors/error-table.ts";

/**
 * The permission that an operation requires: none, to read, to write, or to administer the server and its libraries.
 */
export type Scope = "none" | "read" | "write" | "admin";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** The chapters of the reference. */
export type Chapter =
  | "Libraries"
  | "Documents"
  | "Search"
  | "Events"
  | "Webhooks"
  | "WebSocket"
  | "Model Context Protocol"
  | "Access"
  | "Server";

/**
 * Media types with the schema of what they carry: the whole of it, each line of `application/x-ndjson`, or the data of
 * each event of `text/event-stream`.
 */
export type Content = Readonly<Record<string, z.ZodType>>;

/** What a request of success is answered with. */
export interface Answer {
  readonly description: string;
  readonly content: Content;
  /** Headers of this response only, with their descriptions. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation over HTTP. The schemas are those that validate it. */
export interface Operation<
  Parameters extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Headers extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
> {
  /** Its stable name in the table. */
  readonly id: string;
  readonly method: Method;
  /** With parameters in braces: `/v1/libraries/{library_id}`. */
  readonly path: string;
  readonly chapter: Chapter;
  /** One line, without a full stop. */
  readonly summary: string;
  /** What else there is to know, as Markdown. */
  readonly description?: string;
  readonly scope: Scope;
  /** Whether it concerns one library, `{library_id}`. */
  readonly ofLibrary: boolean;
  /**
   * Whether it answers a key that is limited to libraries with what that key may see, though it is about no library.
   * Such a key is refused everything else of the server.
   */
  readonly narrowed?: boolean;
  /** Of the path. */
  readonly parameters: Parameters;
  readonly query: Query;
  /** The headers that it reads, by their usual names. */
  readonly headers: Headers;
  /** The JSON body. */
  readonly body: Body;
  /** A body that is no JSON, or longer than memory: its route reads it as it arrives. */
  readonly stream?: Content;
  /** By status. */
  readonly answers: Readonly<Record<number, Answer>>;
  /** Its errors, besides those that every request can have. */
  readonly errors: readonly ErrorCode[];
}

/** The schema of an unused part of the request, which is ignored. */
export const ignored = z.unknown().transform(() => undefined);

/** What any request can be refused with. */
export const commonErrors = [
  "unauthorized",
  "forbidden",
  "origin_not_allowed",
  "rate_limited",
  "overloaded",
  "starting",
  "shutting_down",
  "internal",
  "malformed_request",
  "request_timeout",
  "expectation_failed",
  "headers_too_large",
] as const satisfies readonly ErrorCode[];

/** What a JSON body can be refused with. */
export const bodyErrors = [
  "malformed_json",
  "empty_body",
  "body_too_large",
  "invalid_encoding",
  "unsupported_media_type",
  "validation_failed",
] as const satisfies readonly ErrorCode[];

/** Errors of a deletion that has a body, though it needs none. */
export const needlessBodyErrors = [
  "malformed_json",
  "body_too_large",
  "invalid_encoding",
  "unsupported_media_type",
] as const satisfies readonly ErrorCode[];

/** What looking for a library can end with. */
export const libraryErrors = [
  "validation_failed",
  "library_not_found",
  "ambiguous_name",
  "storage_failed",
] as const satisfies readonly ErrorCode[];

/** What the library's embedding model can fail with. */
export const embedderErrors = [
  "text_not_searchable",
  "embedder_unavailable",
  "embedder_rejected",
  "embedder_rate_limited",
  "embedder_timeout",
  "embedder_failed",
  "embedder_dimension",
] as const satisfies readonly ErrorCode[];
