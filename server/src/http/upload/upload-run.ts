import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { IngestionSummary, LineResult } from "@arrwdb/protocol/documents/ingestion";
import type { FastifyReply, FastifyRequest } from "fastify";

/** An upload before it starts. */
export interface UploadRun {
  /** @param enough ends the reading with its reason; lines already read are still committed and reported. */
  readonly start: (onResult: (result: LineResult) => Promise<void>, enough?: AbortSignal) => Promise<IngestionSummary>;
  /** Whether the client requested this result. */
  readonly isWanted: (result: LineResult) => boolean;
  /** Resolves when the whole body has arrived; stays pending if it does not. */
  readonly received: Promise<void>;
  /** Milliseconds for which the client has sent nothing, though it could have. */
  readonly idle: () => number;
  /** The library's position when the upload began. */
  readonly seq: number;
}

/** The error to respond with if no line of the upload had a result; otherwise undefined. */
export function emptinessOf(summary: IngestionSummary): ArrwError | undefined {
  if (summary.successful + summary.failed > 0) return undefined;
  if (summary.aborted === undefined) return emptyBody();
  return new ArrwError(summary.aborted.error_code, summary.aborted.error);
}

export const emptyBody = (): ArrwError =>
  new ArrwError("empty_body", "The body contains no documents; send one JSON object per line");

/** A body that was not read to its end leaves bytes on the connection, so it cannot be reused. */
export function closeUnlessRead(request: FastifyRequest, reply: FastifyReply): void {
  if (!request.raw.complete) reply.raw.setHeader("connection", "close");
}

/** Whether the promise settles, well or not, before so many milliseconds have passed. */
export async function settlesWithin(promise: Promise<unknown>, milliseconds: number): Promise<boolean> {
  const late = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => late.resolve(false), milliseconds);
  const settled = promise.then(
    () => true,
    () => true,
  );
  try {
    return await Promise.race([settled, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
