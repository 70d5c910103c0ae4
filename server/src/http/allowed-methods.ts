import { type Operation } from "@arrwdb/protocol/operations/operation";
import { operations } from "@arrwdb/protocol/operations/operations";
import type { FastifyInstance } from "fastify";

const table = Object.values<Operation>(operations).map(({ method, path }) => ({
  method,
  pattern: new RegExp(`^${path.replaceAll(".", "\\.").replaceAll(/\{\w+\}/g, "[^/]+")}$`),
}));

/** The methods of a path, as in the header `Allow`; empty if there is no such path. */
export function methodsAt(path: string): readonly string[] {
  const methods = table.filter(({ pattern }) => pattern.test(path)).map(({ method }) => method);
  if (methods.length === 0) return [];
  return [...methods, ...(methods.includes("GET") ? ["HEAD"] : []), "OPTIONS"].toSorted();
}

/** Responds to `OPTIONS` with the methods of a path. CORS preflights are handled elsewhere. */
export function answerOptions(app: FastifyInstance): void {
  app.addHook("onRequest", async (request, reply) => {
    if (request.method !== "OPTIONS" || request.headers["access-control-request-method"] !== undefined) return;
    const methods = methodsAt(request.url.split("?")[0] ?? "");
    if (methods.length > 0) return reply.code(204).header("allow", methods.join(", ")).send();
  });
}
