import { existsSync } from "node:fs";
import { join } from "node:path";
import { cut } from "@arrwdb/protocol/errors/cut";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { serverOperations } from "@arrwdb/protocol/operations/server-operations";
import { protocolVersion } from "@arrwdb/protocol/version";
import { fastifyStatic } from "@fastify/static";
import type { FastifyInstance } from "fastify";
import { ConsoleFiles } from "./console-files.ts";
import type { HttpContext } from "../http-context.ts";
import { route } from "../route.ts";

/** Nothing but the console's own files, and no address but this server's. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "worker-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const securityHeaders = {
  "content-security-policy": contentSecurityPolicy,
  "cross-origin-opener-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff",
};

/** A year: the names of these files contain a hash of their content. */
const forGood = "public, max-age=31536000, immutable";

/**
 * `/`: the console for browsers, and a description of the service for programs. The console's files are compressed at
 * build time; without a build, every client gets the description.
 */
export function consoleRoutes(app: FastifyInstance, { settings: { consoleDirectory: root } }: HttpContext): void {
  const description = { name: "arrwDB", protocol: protocolVersion, libraries: "/v1/libraries" };
  const built = existsSync(join(root, "index.html"));
  const files = new ConsoleFiles(join(root, "assets"));
  if (!built) app.log.warn({ missing: root }, "the console is not built; run `npm run build:console`");
  app.register(fastifyStatic, { root, serve: false, preCompressed: true, cacheControl: false });
  route(app, serverOperations.describeServer, (_input, request, reply) => {
    reply.header("vary", "accept, accept-encoding");
    if (!built || !/\btext\/html\b/.test(request.headers.accept ?? "")) return description;
    return reply.headers({ ...securityHeaders, "cache-control": "no-cache" }).sendFile("index.html");
  });
  route(app, serverOperations.getConsoleFile, async ({ parameters: { file } }, _request, reply) => {
    if (!(await files.has(file))) throw new ArrwError("route_not_found", `The console has no file ${cut(file)}`);
    reply.headers({ ...securityHeaders, "cache-control": forGood, vary: "accept-encoding" });
    return reply.sendFile(`assets/${file}`);
  });
}
