import type { IncomingMessage } from "node:http";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { ClientTimeouts } from "../../listener/client-timeouts.ts";
import { decodeContent } from "../decoding/decode-content.ts";

/** Received bytes that extend the time-out of a body by a second. */
const bytesPerSecond = 1_024;

export interface BodyReading {
  /** The content coding; `identity` if there is none. */
  readonly coding: string;
  /** The most bytes, as they are sent and decoded. */
  readonly most: number;
  readonly clientTimeouts: ClientTimeouts;
  /** Aborts with the reason when the body is no longer awaited. */
  readonly signal: AbortSignal | undefined;
  /** Called with the number of decoded bytes so far. May throw. */
  readonly onBytes: (bytes: number) => void;
  /** Called when bytes arrive. */
  readonly onProgress: () => void;
}

/**
 * The whole body, decoded. The rest of a refused body stays unread on the connection.
 *
 * @throws ArrwError `body_too_large`, `request_timeout`, `invalid_encoding`; an `AbortError` if the client disconnected
 */
export async function readBody(request: IncomingMessage, reading: BodyReading): Promise<Buffer> {
  const { coding, most, onBytes } = reading;
  if (Number(request.headers["content-length"] ?? 0) > most) throw tooLarge(most);
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of decodeContent(coding, bytesOf(request, reading))) {
      size += chunk.length;
      if (size > most) throw tooLarge(most);
      onBytes(chunk.length);
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ArrwError || coding === "identity" || isEndOfClient(error)) throw error;
    throw corrupt(coding, error);
  }
  return Buffer.concat(chunks, size);
}

/** The client's bytes as they arrive, while they arrive fast enough. */
async function* bytesOf(
  request: IncomingMessage,
  { most, clientTimeouts, signal, onProgress }: BodyReading,
): AsyncGenerator<Uint8Array> {
  const ended = Promise.withResolvers<never>();
  ended.promise.catch(() => undefined);
  const timer = setTimeout(() => ended.reject(late()), clientTimeouts.silence);
  const aborted = () => ended.reject(toArrwError(signal?.reason));
  signal?.addEventListener("abort", aborted, { once: true });
  const iterator: AsyncIterator<unknown> = request.iterator({ destroyOnReturn: false });
  const began = performance.now();
  let sent = 0;
  try {
    for (;;) {
      const next = await Promise.race([received(iterator), ended.promise]);
      if (next.done === true) return;
      if (!(next.value instanceof Uint8Array)) continue;
      sent += next.value.length;
      timer.refresh();
      onProgress();
      if (sent > most) throw tooLarge(most);
      if (performance.now() - began > clientTimeouts.body + (sent / bytesPerSecond) * 1_000) throw late();
      yield next.value;
    }
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", aborted);
    // A pending read may never settle.
    void iterator.return?.();
  }
}

async function received(iterator: AsyncIterator<unknown>): Promise<IteratorResult<unknown>> {
  try {
    return await iterator.next();
  } catch {
    throw new DOMException("The client disconnected before the end of the body", "AbortError");
  }
}

const isEndOfClient = (error: unknown) => error instanceof DOMException && error.name === "AbortError";
const tooLarge = (most: number) =>
  new ArrwError("body_too_large", `The body is larger than the maximum of ${most} bytes`);
const late = () =>
  new ArrwError("request_timeout", `The body did not arrive in time; send at least ${bytesPerSecond} bytes per second`);

function corrupt(coding: string, cause: unknown): ArrwError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const message = `The ${coding} body is corrupt or truncated (${reason.slice(0, 200)})`;
  return new ArrwError("invalid_encoding", message, { cause });
}
