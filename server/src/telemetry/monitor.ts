import type { ErrorCode } from "@arrwdb/protocol/errors/error-table";

/** One call of an embedding model. */
export interface EmbeddingCall {
  readonly model: string;
  readonly purpose: "document" | "query";
  readonly texts: number;
  /** The error codes of texts that were not embedded. */
  readonly failures: readonly ErrorCode[];
  readonly seconds: number;
}

/**
 * Receives what happens, as it happens. Its methods run on the main thread, so they must cost next to nothing and not throw.
 * It never receives texts, ids or raw paths, so the cardinality of what it keeps is bounded.
 */
export interface Monitor {
  /** An HTTP request has ended. @param route the pattern, such as `/v1/libraries/:library_id` */
  requestEnded(method: string, route: string, status: number, seconds: number): void;
  /** A request over WebSocket has been answered. */
  actionEnded(action: string, succeeded: boolean, seconds: number): void;
  /** An error was returned to a client, as a response or for one line of an upload. */
  failed(transport: "http" | "websocket" | "line", code: ErrorCode): void;
  /** An upload has begun (1) or ended (-1). */
  uploads(change: 1 | -1): void;
  /** A line of an upload has been read, with so many bytes. */
  lineRead(bytes: number): void;
  /** A line of an upload has its result. */
  lineAnswered(outcome: "stored" | "replayed" | "failed"): void;
  /** Documents were written, over any API. */
  documentsWritten(documents: number, chunks: number): void;
  /** A stage of a search is done: embedding its text, or searching the store. */
  searched(stage: "embed" | "store", seconds: number): void;
  /** A model has been configured. */
  modelAdded(model: string): void;
  /** The number of texts in a model's queue changed: positive when passed to it, negative when done. */
  embedding(model: string, purpose: "document" | "query", change: number): void;
  embedded(call: EmbeddingCall): void;
  /** A provider reported token usage. */
  tokensUsed(model: string, tokens: number): void;
  /** A webhook's receiver was called; `unreachable` if it did not respond. */
  webhookCalled(outcome: "delivered" | "refused" | "unreachable", seconds: number): void;
  /** Texts were looked up in a cache before calling a model. */
  lookedUp(cache: "query" | "document", hits: number, misses: number): void;
}

const nothing = () => undefined;

/** For components that are not measured. */
export const noMonitor: Monitor = {
  requestEnded: nothing,
  actionEnded: nothing,
  failed: nothing,
  uploads: nothing,
  lineRead: nothing,
  lineAnswered: nothing,
  documentsWritten: nothing,
  searched: nothing,
  modelAdded: nothing,
  embedding: nothing,
  embedded: nothing,
  tokensUsed: nothing,
  webhookCalled: nothing,
  lookedUp: nothing,
};
