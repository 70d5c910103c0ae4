import { existsSync } from "node:fs";
import { join } from "node:path";
import { protocolVersion } from "@arrwdb/protocol/version";
import { fastifyStatic } from "@fastify/static";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { HttpContext } from "./context.ts";

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

/** A year: the names of these files change with what is in them. */
const forGood = "public, max-age=31536000, immutable";

/**
 * `/`: the console for browsers, and for programs what this is. The console's files were compressed when it was built;
 * where it was not, `/` answers everybody alike.
 */
export function consoleRoutes(app: FastifyInstance, { settings: { consoleDirectory: root } }: HttpContext): void {
  const description = { name: "arrwDB", protocol: protocolVersion, libraries: "/v1/libraries" };
  const built = existsSync(join(root, "index.html"));
  if (!built) {
    app.log.warn({ missing: root }, "the console is not built; `npm run build:console` makes it");
    app.get("/", () => description);
    return;
  }
  app.register(fastifyStatic, {
    root,
    // A route for each file, so that nothing else is ever looked up on the disk.
    wildcard: false,
    globIgnore: ["**/*.br", "**/*.gz", "index.html"],
    index: false,
    preCompressed: true,
    cacheControl: false,
    setHeaders: (reply: FastifyReply, path: string) => {
      reply.headers({ ...securityHeaders, "cache-control": path.includes("/assets/") ? forGood : "no-cache" });
    },
  });
  app.get("/", (request, reply) => {
    reply.header("vary", "accept, accept-encoding");
    return /\btext\/html\b/.test(request.headers.accept ?? "") ? reply.sendFile("index.html") : description;
  });
}
