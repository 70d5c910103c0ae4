import { asyncApiDocument } from "@arrwdb/protocol/description/asyncapi";
import { openApiDocument } from "@arrwdb/protocol/description/openapi";
import { cut } from "@arrwdb/protocol/errors/cut";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { descriptionOperations } from "@arrwdb/protocol/operations/description-operations";
import type { FastifyInstance, FastifyReply } from "fastify";
import { readReferenceFile, referencePage } from "./reference-page.ts";
import { route } from "../route.ts";

/** The page's Content-Security-Policy: nothing from other origins. Its library sets styles on elements. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** The machine-readable descriptions of the interface, and a page that shows them. */
export function descriptionRoutes(app: FastifyInstance): void {
  const openApi = once(() => JSON.stringify(openApiDocument()));
  const asyncApi = once(() => JSON.stringify(asyncApiDocument()));

  route(app, descriptionOperations.getOpenApi, (_input, _request, reply) => json(reply, openApi()));

  route(app, descriptionOperations.getAsyncApi, (_input, _request, reply) => json(reply, asyncApi()));

  route(app, descriptionOperations.showReference, (_input, _request, reply) =>
    reply
      .header("content-security-policy", contentSecurityPolicy)
      .header("x-content-type-options", "nosniff")
      .header("referrer-policy", "no-referrer")
      .type("text/html; charset=utf-8")
      .send(referencePage),
  );

  route(app, descriptionOperations.getReferenceFile, async ({ parameters: { file } }, _request, reply) => {
    const found = await readReferenceFile(file);
    if (found === undefined) throw new ArrwError("route_not_found", `The reference has no file ${cut(file)}`);
    return reply
      .header("cache-control", "public, max-age=3600")
      .header("x-content-type-options", "nosniff")
      .type(found.type)
      .send(found.content);
  });
}

const json = (reply: FastifyReply, text: string) => reply.type("application/json; charset=utf-8").send(text);

/** Computed on first use, as it never changes. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => (made ??= { value: make() }).value;
}
