import { type Readable, PassThrough, type Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from "node:zlib";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors";
import type { FastifyRequest } from "fastify";
import { mediaType } from "./content.ts";
import { beforeStall } from "./stall.ts";

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

const decoders: Readonly<Record<string, () => Transform>> = {
  identity: () => new PassThrough(),
  gzip: createGunzip,
  "x-gzip": createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
  zstd: createZstdDecompress,
};

/** @throws ArrwError `unsupported_media_type` before a byte of the body is read. */
export function checkStreamType(request: FastifyRequest): void {
  const type = mediaType(request);
  if (!ndjsonTypes.has(type)) {
    const message = `content-type: ${type} is not one document a line; send application/x-ndjson`;
    throw new ArrwError("unsupported_media_type", message, { field: "content-type" });
  }
  const encoding = encodingOf(request);
  if (Object.hasOwn(decoders, encoding)) return;
  const message = `content-encoding: ${encoding} is not read here; use gzip, br or zstd`;
  throw new ArrwError("unsupported_media_type", message, { field: "content-encoding" });
}

const encodingOf = (request: FastifyRequest) =>
  (request.headers["content-encoding"] ?? "identity").trim().toLowerCase();

/**
 * The decoded bytes of a streamed body, read only as fast as they are taken. The socket stays usable for the answer,
 * whatever happens to the body.
 *
 * @param stallTimeout milliseconds without a byte after which the upload ends with `upload_stalled`.
 */
export async function* readStreamBody(
  request: FastifyRequest,
  source: Readable,
  stallTimeout: number,
): AsyncGenerator<Uint8Array> {
  const decoder = (decoders[encodingOf(request)] ?? decoders["identity"])?.();
  if (decoder === undefined) return;
  const end = connect(source, decoder, request);
  const iterator = decoder.iterator();
  try {
    for (;;) {
      const next: IteratorResult<unknown> = await beforeStall(iterator.next(), stallTimeout, "Nothing was sent");
      if (next.done === true) return;
      if (next.value instanceof Uint8Array) yield next.value;
    }
  } catch (error) {
    throw bodyError(error, encodingOf(request));
  } finally {
    end();
    decoder.destroy();
  }
}

/** Pipes without `pipeline`, which would destroy the request's socket when the decoder fails. */
function connect(source: Readable, decoder: Transform, request: FastifyRequest): () => void {
  const aborted = () => {
    decoder.destroy(new ArrwError("upload_aborted", "The client went away before the end of the upload"));
  };
  const closed = () => {
    if (!request.raw.complete) aborted();
  };
  source.on("error", aborted);
  request.raw.on("close", closed);
  source.pipe(decoder);
  return () => {
    source.unpipe(decoder);
    request.raw.off("close", closed);
  };
}

function bodyError(error: unknown, encoding: string): ArrwError {
  if (error instanceof ArrwError) return error;
  if (encoding === "identity") return toArrwError(error);
  const reason = error instanceof Error ? error.message : String(error);
  const message = `The ${encoding} body is corrupt or cut short (${reason}); the lines before were committed`;
  return new ArrwError("invalid_encoding", message, { cause: error });
}
