import type { ErrorCode } from "@arrwdb/protocol/errors";

/** A model that was asked for vectors. */
export interface EmbeddingCall {
  readonly model: string;
  readonly purpose: "document" | "query";
  readonly texts: number;
  /** The codes of texts that have no vector. */
  readonly failures: readonly ErrorCode[];
  readonly seconds: number;
}

/**
 * Is told what happens, as it happens. Calls are counted on the main thread and must cost next to nothing; none may throw.
 * No text, no id and no raw path is told, so that what is kept of it is bounded.
 */
export interface Monitor {
  /** An HTTP request has ended. @param route the pattern, such as `/v1/libraries/:library_id` */
  requestEnded(method: string, route: string, status: number, seconds: number): void;
  /** A request over WebSocket has been answered. */
  actionEnded(action: string, succeeded: boolean, seconds: number): void;
  /** A client was told of an error, as a whole answer or for one line of an upload. */
  failed(transport: "http" | "websocket" | "line", code: ErrorCode): void;
  /** An upload has begun (1) or ended (-1). */
  uploads(change: 1 | -1): void;
  /** A line of an upload has been read, with so many bytes. */
  lineRead(bytes: number): void;
  /** A line of an upload has its result. */
  lineTold(outcome: "stored" | "replayed" | "failed"): void;
  /** Documents were written, by whatever way, with so many chunks. */
  documentsWritten(documents: number, chunks: number): void;
  /** A part of a search is done: the vector of its text, or the answer of the store. */
  searched(stage: "embed" | "store", seconds: number): void;
  /** There is a model that may be asked. */
  modelAdded(model: string): void;
  /** Texts were given to a model (so many), or have come back (so many less). */
  embedding(model: string, purpose: "document" | "query", change: number): void;
  embedded(call: EmbeddingCall): void;
  /** Tokens that a provider has counted. */
  tokensUsed(model: string, tokens: number): void;
  /** A webhook's receiver was called; `unreachable` where it gave no answer. */
  webhookCalled(outcome: "delivered" | "refused" | "unreachable", seconds: number): void;
  /** Texts were looked up before a model was asked. */
  lookedUp(cache: "query" | "ledger", hits: number, misses: number): void;
}

const nothing = () => undefined;

/** For parts that nobody watches. */
export const noMonitor: Monitor = {
  requestEnded: nothing,
  actionEnded: nothing,
  failed: nothing,
  uploads: nothing,
  lineRead: nothing,
  lineTold: nothing,
  documentsWritten: nothing,
  searched: nothing,
  modelAdded: nothing,
  embedding: nothing,
  embedded: nothing,
  tokensUsed: nothing,
  webhookCalled: nothing,
  lookedUp: nothing,
};
