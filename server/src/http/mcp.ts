import { AsyncLocalStorage } from "node:async_hooks";
import { mcpOperations } from "@arrwdb/protocol/operations/mcp";
import { createMcpHandler, localhostAllowedOrigins, originValidationResponse } from "@modelcontextprotocol/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { CoreDatabase } from "../mcp/core-database.ts";
import { createMcpServer } from "../mcp/create-mcp-server.ts";
import type { ToolContext } from "../mcp/tool.ts";
import { WaitingRoom } from "../mcp/waiting-room.ts";
import type { HttpContext } from "./context.ts";
import { principalOf } from "./guard.ts";
import { route } from "./route.ts";

/** Calls of `watch` that may wait at the same time, and streams of notifications that may be open. */
const maxWaiting = 256;
const maxStreams = 64;

/** The address counts for nothing, and `Host` is the client's to choose. */
const anyAddress = "http://localhost/mcp";

/**
 * The Model Context Protocol over HTTP ("streamable HTTP"), in the present revision and in those before it. Each
 * request stands for itself: there are no sessions, so none has to be bounded, kept or given up.
 */
export function mcpRoutes(app: FastifyInstance, { services, access, settings: { draining } }: HttpContext): void {
  const waiting = new WaitingRoom(maxWaiting);
  const current = new AsyncLocalStorage<ToolContext>();
  const handler = createMcpHandler(
    () => {
      const context = current.getStore();
      if (context === undefined) throw new Error("A server was made outside of a request");
      return createMcpServer(context);
    },
    { maxSubscriptions: maxStreams },
  );
  draining.addEventListener("abort", () => {
    waiting.close();
    void handler.close();
  });

  const serve = async (parsedBody: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const asked = toWebRequest(request);
    // A page of another site must not reach a database that only its reader's machine should reach.
    const refused = originValidationResponse(asked, localhostAllowedOrigins());
    if (refused !== undefined) return reply.send(refused);
    const onFault = (error: unknown) => request.log.error({ err: error }, "a tool failed");
    // The route asks for reading, and keys for some libraries alone do not come to it; one tool writes.
    const database = new CoreDatabase(services, () => {
      access.authorize(principalOf(request), { scope: "write", libraryId: undefined, narrowed: true });
    });
    const context = { database, waiting, onFault };
    return reply.send(await current.run(context, () => handler.fetch(asked, { parsedBody })));
  };
  const operation = mcpOperations.mcp;
  route(app, operation, ({ body }, request, reply) => serve(body, request, reply));
  // What opens and ends sessions elsewhere has to be told that there are none.
  app.route({
    method: ["GET", "DELETE"],
    url: operation.path,
    config: { operation },
    handler: (request, reply) => serve(undefined, request, reply),
  });
}

function toWebRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  return new Request(anyAddress, { method: request.method, headers, signal: request.lifetime.signal });
}
