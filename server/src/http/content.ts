import { ArrwError } from "@arrwdb/protocol/errors";
import { ignored } from "@arrwdb/protocol/operations/operation";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { parseJson } from "../core/json.ts";

/** The media type without its parameters, in lower case; empty where the client sent none. */
export function mediaType(request: FastifyRequest): string {
  return (request.headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
}

/** Some clients name a type or an encoding for the body that they do not send. */
function hasBody({ headers }: FastifyRequest): boolean {
  return headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";
}

const readsNoBody = ({ routeOptions }: FastifyRequest) => routeOptions.config.operation?.body === ignored;

/** Reads `application/json` bodies strictly, and tells what was sent instead where it is something else. */
export function readJsonBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("application/json", { parseAs: "buffer" }, (request, body, done) => {
    try {
      // Some clients name a type for the body that they do not send.
      if (body.length === 0 && (readsNoBody(request) || request.method === "DELETE")) return done(null, undefined);
      if (body.length === 0) throw new ArrwError("empty_body", "The request has no body; send a JSON object");
      done(null, parseJson(typeof body === "string" ? Buffer.from(body) : body, "The body"));
    } catch (error) {
      done(error instanceof Error ? error : new Error(String(error)));
    }
  });
  app.addHook("preParsing", async (request, _reply, payload) => {
    const encoding = request.headers["content-encoding"];
    if (hasBody(request) && encoding !== undefined && encoding !== "identity") {
      const message = `content-encoding: ${encoding} is read by the document stream only; send this body as it is`;
      throw new ArrwError("unsupported_media_type", message, { field: "content-encoding" });
    }
    return payload;
  });
}

/** Whether the client asks for one JSON value a line. */
export function wantsNdjson(request: FastifyRequest): boolean {
  return /\bapplication\/(x-ndjson|ndjson|jsonl)\b/i.test(request.headers.accept ?? "");
}
