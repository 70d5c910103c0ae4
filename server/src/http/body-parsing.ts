import { cut } from "@arrwdb/protocol/errors/cut";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { ignored } from "@arrwdb/protocol/operations/operation";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { parseJson } from "../util/json.ts";
import type { ClientTimeouts } from "../listener/client-timeouts.ts";
import { BodyBudget, type HeldBytes } from "../scheduling/body-budget.ts";
import { isContentCoding } from "./decoding/decode-content.ts";
import { readBody } from "./intake/read-body.ts";
import { whenClosed } from "./when-closed.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Maximum of bytes of its body; null if the caller has no limit of its own. */
    mostBytes: number | null;
    /** Memory reserved for its body. */
    held: HeldBytes | null;
  }
}

/** The media type without its parameters, in lower case; empty if the client sent none. */
export function mediaType(request: FastifyRequest): string {
  return (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** The content coding of a body, in lower case. @throws ArrwError `unsupported_media_type` if it is not supported */
export function codingOf({ headers }: FastifyRequest): string {
  const coding = (headers["content-encoding"] ?? "").trim().toLowerCase() || "identity";
  if (isContentCoding(coding)) return coding;
  const message = `content-encoding: ${cut(coding)} is not supported; use gzip, br, zstd or deflate`;
  throw new ArrwError("unsupported_media_type", message, { field: "content-encoding" });
}

/** RFC 7386 */
const mergePatch = "application/merge-patch+json";

const readsNoBody = ({ routeOptions }: FastifyRequest) => routeOptions.config.operation?.body === ignored;

/** A body that cannot be, until its request is refused for it. */
class BodyFault {
  readonly error: unknown;

  constructor(error: unknown) {
    this.error = error;
  }
}

/** Parses `application/json` bodies strictly, compressed or not; the error for another type names what was sent. */
export function readJsonBodies(app: FastifyInstance, timeouts: ClientTimeouts): void {
  const budget = new BodyBudget();
  app.decorateRequest("held", null);
  app.addHook("onRequest", (request, reply, done) => {
    const held = budget.hold(request.lifetime.network);
    request.held = held;
    whenClosed(reply.raw, () => held.release());
    done();
  });
  // The framework closes the connection of a request whose parser fails, though all of it was read.
  app.addContentTypeParser(["application/json", mergePatch], async (request: FastifyRequest) => {
    try {
      return await readJson(request, timeouts);
    } catch (error) {
      return new BodyFault(error);
    }
  });
  app.addHook("preValidation", (request, _reply, done) => {
    if (!(request.body instanceof BodyFault)) return done();
    const { error } = request.body;
    done(error instanceof Error ? error : new Error(String(error)));
  });
}

async function readJson(request: FastifyRequest, timeouts: ClientTimeouts): Promise<unknown> {
  if (mediaType(request) === mergePatch && request.method !== "PATCH") {
    throw new ArrwError("unsupported_media_type", `content-type: ${mergePatch} is for PATCH; use application/json`);
  }
  const bytes = await readBody(request.raw, {
    coding: codingOf(request),
    most: Math.min(request.mostBytes ?? Infinity, request.routeOptions.bodyLimit),
    clientTimeouts: timeouts,
    signal: request.giveWay?.signal,
    onBytes: (count) => request.held?.take(count),
    onProgress: () => request.place?.progress(),
  });
  // Some clients name a type for the body that they do not send.
  if (bytes.length === 0 && (readsNoBody(request) || request.method === "DELETE")) return undefined;
  if (bytes.length === 0) throw new ArrwError("empty_body", "The request has no body; send a JSON object");
  return parseJson(bytes, "The body");
}

/** Whether the client requests NDJSON. */
export function wantsNdjson(request: FastifyRequest): boolean {
  return /\bapplication\/(x-ndjson|ndjson|jsonl)\b/i.test(request.headers.accept ?? "");
}
