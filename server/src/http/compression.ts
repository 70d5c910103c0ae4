import { promisify } from "node:util";
import { brotliCompress, constants, deflate, gzip, zstdCompress } from "node:zlib";
import { Negotiator } from "@fastify/accept-negotiator";
import type { FastifyInstance, FastifyReply } from "fastify";

/** Bytes below which compressing costs more than it saves. */
const least = 1_024;

type Compress = (data: Uint8Array) => Promise<Buffer>;

/** Quick rather than thorough: an answer is sent once. The work is done on Node's own threads. */
const [gzipAsync, deflateAsync, brotliAsync, zstdAsync] = [
  promisify<Uint8Array, { level: number }, Buffer>(gzip),
  promisify<Uint8Array, { level: number }, Buffer>(deflate),
  promisify<Uint8Array, { params: Record<number, number> }, Buffer>(brotliCompress),
  promisify<Uint8Array, Buffer>(zstdCompress),
];
const codings: ReadonlyMap<string, Compress> = new Map<string, Compress>([
  ["zstd", (data) => zstdAsync(data)],
  ["br", (data) => brotliAsync(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
  ["gzip", (data) => gzipAsync(data, { level: 4 })],
  ["deflate", (data) => deflateAsync(data, { level: 4 })],
]);
const negotiator = new Negotiator({ supportedValues: [...codings.keys()] });

const isText = (type: string) => /^(text\/|application\/(problem\+)?(json|javascript|x-ndjson)|image\/svg)/.test(type);

/**
 * Compresses responses for clients that accept it (RFC 9110, 12.5.3). Streams are not compressed, as their parts must
 * not be buffered.
 */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook("onSend", async (request, reply, payload) => {
    if (typeof payload !== "string" && !Buffer.isBuffer(payload)) return payload;
    const size = Buffer.byteLength(payload);
    if (size < least || reply.hasHeader("content-encoding") || !isText(String(reply.getHeader("content-type"))))
      return payload;
    addVary(reply);
    if (request.method === "HEAD") return payload;
    const coding = negotiator.negotiate(request.headers["accept-encoding"] ?? "");
    const compress = codings.get(coding ?? "");
    if (coding === null || compress === undefined) return payload;
    const compressed = await compress(typeof payload === "string" ? Buffer.from(payload) : payload);
    if (compressed.length >= size) return payload;
    reply.header("content-encoding", coding).removeHeader("content-length");
    return compressed;
  });
}

function addVary(reply: FastifyReply): void {
  const vary = String(reply.getHeader("vary") ?? "");
  if (/\baccept-encoding\b|\*/i.test(vary)) return;
  reply.header("vary", vary === "" ? "accept-encoding" : `${vary}, accept-encoding`);
}
