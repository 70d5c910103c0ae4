import { AsyncLocalStorage } from "node:async_hooks";
import { randomUUID } from "node:crypto";
import { inOneLine } from "@arrwdb/protocol/json/json-line";
import { mcpOperations } from "@arrwdb/protocol/operations/mcp-operations";
import { createMcpHandler } from "@modelcontextprotocol/server";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { nameOf } from "../../access/usage-limits.ts";
import { Cancellations } from "../../mcp/cancellations.ts";
import { CoreDatabase } from "../../mcp/core-database.ts";
import { createMcpServer } from "../../mcp/create-mcp-server.ts";
import type { ToolContext } from "../../mcp/mcp-tool.ts";
import { WatchSlots } from "../../mcp/watch-slots.ts";
import type { HttpContext } from "../http-context.ts";
import { callerOf, principalOf } from "../guard.ts";
import { acceptedOf, cancelledBy, messagesOf, type McpMessage, refusalOfParams } from "./mcp-messages.ts";
import { route } from "../route.ts";

/** Calls of `watch` that may wait at the same time, and streams of notifications that may be open. */
const places = { total: 1_024, each: 64 };
const maxStreams = 64;

/** The address counts for nothing, and `Host` is the client's to choose. */
const anyAddress = "http://localhost/mcp";
/** Identifies a client for fair scheduling; not stored. */
const sessionHeader = "mcp-session-id";

/**
 * The Model Context Protocol over HTTP ("streamable HTTP"), in the current revision and earlier ones. Requests are
 * stateless: there are no sessions to bound, keep or expire.
 */
export function mcpRoutes(app: FastifyInstance, { services, access, settings: { draining } }: HttpContext): void {
  const waiting = new WatchSlots(places);
  const cancellations = new Cancellations();
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

  /** Ends each call with its request, or when a request of its own cancels it. */
  const endsOf = (messages: readonly McpMessage[], client: string, request: FastifyRequest, reply: FastifyReply) => {
    const calls = new Map(
      messages.flatMap(({ method, id }) => (method === "tools/call" ? [[id, cancellations.begin(client, id)]] : [])),
    );
    reply.raw.once("close", () => {
      for (const { end } of calls.values()) end();
    });
    return (id: unknown) => {
      const call = calls.get(isId(id) ? id : undefined);
      const { signal } = request.lifetime;
      return call === undefined ? signal : AbortSignal.any([signal, call.signal]);
    };
  };

  const serve = async (body: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const principal = principalOf(request);
    const messages = messagesOf(body);
    const refusal = refusalOfParams(messages);
    if (refusal !== undefined) return reply.code(400).send(refusal);
    const caller = principal.keyId ?? request.lifetime.address;
    const client = `${caller} ${String(request.headers[sessionHeader] ?? "")}`;
    for (const message of messages) {
      const cancelled = cancelledBy(message);
      if (cancelled !== undefined) cancellations.cancel(client, cancelled);
    }
    if (messages.some(({ method }) => method === "initialize")) reply.header(sessionHeader, randomUUID());
    const onFault = (error: unknown) => request.log.error({ err: error }, "MCP tool failed");
    // The route requires `read` and excludes keys limited to libraries; one tool writes.
    const database = new CoreDatabase(services, nameOf(callerOf(request)), () => {
      access.authorize(principal, { scope: "write", libraryId: undefined, narrowed: true });
    });
    const context = { database, waiting, caller, onFault, endOf: endsOf(messages, client, request, reply) };
    const response = await current.run(context, () => handler.fetch(toWebRequest(request), { parsedBody: body }));
    return reply.send(inLines(response));
  };
  const operation = mcpOperations.mcp;
  route(app, operation, ({ body }, request, reply) => serve(body, request, reply));
  // Methods that open and end sessions get an error, as there are none.
  app.route({
    method: ["GET", "DELETE"],
    url: operation.path,
    config: { operation },
    handler: (request, reply) => serve(undefined, request, reply),
  });
}

const isId = (value: unknown) => typeof value === "string" || typeof value === "number";

/** The library's response, with each message on one line for every client. */
function inLines(response: Response): Response {
  const isStream = response.headers.get("content-type")?.startsWith("text/event-stream") === true;
  if (!isStream || response.body === null) return response;
  const lines = new TransformStream<string, string>({
    transform: (text, controller) => controller.enqueue(inOneLine(text)),
  });
  const body = response.body
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(lines)
    .pipeThrough(new TextEncoderStream());
  return new Response(body, response);
}

/** When the key ends, the tools end by themselves with the reason; their response is still sent. */
function toWebRequest(request: FastifyRequest): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, String(value));
  }
  headers.set("accept", acceptedOf(request.headers.accept));
  return new Request(anyAddress, { method: request.method, headers, signal: request.lifetime.hungUp });
}
