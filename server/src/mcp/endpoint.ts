import { AsyncLocalStorage } from "node:async_hooks";
import { limits } from "@arrwdb/protocol/limits";
import { createMcpHandler, localhostAllowedOrigins, originValidationResponse } from "@modelcontextprotocol/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { parseJson } from "../core/json.ts";
import { createMcpServer } from "./create-mcp-server.ts";
import type { McpDatabase } from "./database.ts";
import type { ToolContext } from "./tool.ts";
import { WaitingRoom } from "./waiting-room.ts";

/** Calls of `watch` that may wait at the same time, and streams of notifications that may be open. */
const maxWaiting = 256;
const maxStreams = 64;
/** Messages of one request; more than one come from clients of old revisions only. */
const maxMessages = 16;

export interface McpSettings {
  /** What the tools of this request may use. */
  readonly databaseOf: (request: FastifyRequest) => McpDatabase;
  /** Names of hosts whose pages may call, besides those of this machine. */
  readonly allowedOrigins: readonly string[];
  /** Aborts when the server begins to stop. */
  readonly draining: AbortSignal;
}

/**
 * The Model Context Protocol over HTTP ("streamable HTTP") at `/mcp`, in the present revision and in those before it.
 * Each request stands for itself: there are no sessions, so none has to be bounded, kept or given up.
 */
export function mcpRoutes(app: FastifyInstance, { databaseOf, allowedOrigins, draining }: McpSettings): void {
  const waiting = new WaitingRoom(maxWaiting);
  const origins = [...localhostAllowedOrigins(), ...allowedOrigins];
  const current = new AsyncLocalStorage<ToolContext>();
  const handler = createMcpHandler(
    () => {
      const context = current.getStore();
      if (context === undefined) throw new Error("A server was made outside of a request");
      return createMcpServer(context);
    },
    { maxSubscriptions: maxStreams, maxRequestBodySize: limits.bodyBytes },
  );
  draining.addEventListener("abort", () => {
    waiting.close();
    void handler.close();
  });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: limits.bodyBytes }, (_request, body, done) =>
    done(null, body),
  );

  app.all("/mcp", async (request, reply) => {
    const asked = toWebRequest(request, reply);
    // A page of another site must not reach a database that only its reader's machine should reach.
    const parsedBody = parsed(request.body);
    const refused = originValidationResponse(asked, origins) ?? refusedBatch(parsedBody);
    if (refused !== undefined) return reply.send(refused);
    const onFault = (error: unknown) => request.log.error({ err: error }, "a tool failed");
    const context = { database: databaseOf(request), waiting, onFault };
    return reply.send(await current.run(context, () => handler.fetch(asked, { parsedBody })));
  });
}

/** The address counts for nothing, and `Host` is the client's to choose. */
const anyAddress = "http://localhost/mcp";

function toWebRequest(request: FastifyRequest, reply: FastifyReply): Request {
  const gone = new AbortController();
  reply.raw.once("close", () => gone.abort(new DOMException("The client went away", "AbortError")));
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  const body = Buffer.isBuffer(request.body) ? { body: request.body } : {};
  return new Request(anyAddress, { method: request.method, headers, signal: gone.signal, ...body });
}

/** The body as JSON, or undefined for what is none, which the protocol has an answer for. */
function parsed(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) return undefined;
  try {
    return parseJson(body, "The body");
  } catch {
    return undefined;
  }
}

/** The calls of one body run side by side, so there may be few. */
function refusedBatch(body: unknown): Response | undefined {
  if (!Array.isArray(body) || body.length <= maxMessages) return undefined;
  const message = `A request holds at most ${maxMessages} messages; send them one by one`;
  return Response.json({ jsonrpc: "2.0", id: null, error: { code: -32_600, message } }, { status: 400 });
}
