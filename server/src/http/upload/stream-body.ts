import { cut } from "@arrwdb/protocol/errors/cut";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { FastifyRequest } from "fastify";
import { codingOf, mediaType } from "../body-parsing.ts";
import { boundedDecoding } from "../decoding/bounded-decoding.ts";
import { decodeContent } from "../decoding/decode-content.ts";
import { beforeStall } from "../stall-timeout.ts";

/** What ndjson goes by; form-urlencoded and none are what curl and others send unasked. */
const ndjsonTypes: ReadonlySet<string> = new Set([
  "application/x-ndjson",
  "application/ndjson",
  "application/jsonl",
  "application/x-jsonlines",
  "application/jsonlines",
  "application/x-www-form-urlencoded",
  "application/octet-stream",
  "text/plain",
  "",
]);

/** @throws ArrwError `unsupported_media_type` before a byte of the body is read. */
export function checkStreamType(request: FastifyRequest): void {
  const type = mediaType(request);
  if (!ndjsonTypes.has(type)) {
    const message = `content-type: ${cut(type)} is not supported here; send application/x-ndjson`;
    throw new ArrwError("unsupported_media_type", message, { field: "content-type" });
  }
  codingOf(request);
}

/**
 * The decoded bytes of a streamed body, read only as fast as they are taken.
 *
 * @param stallTimeout milliseconds without a byte after which the upload ends with `upload_stalled`.
 */
export async function* readStreamBody(
  request: FastifyRequest,
  body: AsyncIterable<Uint8Array>,
  stallTimeout: number,
): AsyncGenerator<Uint8Array> {
  const coding = codingOf(request);
  const received = { bytes: 0 };
  try {
    yield* boundedDecoding(decodeContent(coding, unlessStalled(body, stallTimeout, received)), received, coding);
  } catch (error) {
    throw bodyError(error, coding);
  }
}

/** The client's bytes as they arrive, with their count. */
async function* unlessStalled(
  body: AsyncIterable<Uint8Array>,
  timeout: number,
  total: { bytes: number },
): AsyncGenerator<Uint8Array> {
  const iterator = body[Symbol.asyncIterator]();
  for (;;) {
    const next = await beforeStall(iterator.next(), timeout, "Nothing was sent");
    if (next.done === true) return;
    total.bytes += next.value.length;
    yield next.value;
  }
}

function bodyError(error: unknown, encoding: string): ArrwError {
  if (error instanceof ArrwError) return error;
  if (encoding === "identity") return toArrwError(error);
  const reason = error instanceof Error ? error.message : String(error);
  const message = `The ${encoding} body is corrupt, truncated, or followed by other data (${reason}); earlier lines were committed`;
  return new ArrwError("invalid_encoding", message, { cause: error });
}
