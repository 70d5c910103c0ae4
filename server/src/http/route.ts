import { limits } from "@arrwdb/protocol/limits";
import type { Operation } from "@arrwdb/protocol/operations/operation";
import { validate } from "@arrwdb/protocol/errors/validation";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";

declare module "fastify" {
  interface FastifyContextConfig {
    /** The operation of the route; every route has one. */
    operation?: Operation;
  }
}

/** The validated input of a request, by the operation's schemas. */
export interface Input<
  Parameters extends z.ZodType,
  Query extends z.ZodType,
  Headers extends z.ZodType,
  Body extends z.ZodType,
> {
  readonly parameters: z.output<Parameters>;
  readonly query: z.output<Query>;
  readonly headers: z.output<Headers>;
  readonly body: z.output<Body>;
}

/** The only way to create a route: for an operation of the table, with its input validated before the handler. */
export function route<
  Parameters extends z.ZodType,
  Query extends z.ZodType,
  Headers extends z.ZodType,
  Body extends z.ZodType,
>(
  app: FastifyInstance,
  operation: Operation<Parameters, Query, Headers, Body>,
  handle: (input: Input<Parameters, Query, Headers, Body>, request: FastifyRequest, reply: FastifyReply) => unknown,
): void {
  app.route({
    method: operation.method,
    url: operation.path.replaceAll(/\{(\w+)\}/g, ":$1"),
    config: { operation },
    // The sender is not authenticated.
    ...(operation.scope === "none" ? { bodyLimit: limits.anonymousBodyBytes } : {}),
    handler: async (request, reply) => {
      const input = {
        parameters: validate(operation.parameters, request.params),
        query: validate(operation.query, request.query),
        headers: validate(operation.headers, headersOf(operation.headers, request)),
        body: validate(operation.body, request.body),
      };
      return handle(input, request, reply);
    },
  });
}

/** The headers that the schema knows, by the names that it has for them. */
function headersOf(schema: z.ZodType, { headers }: FastifyRequest): unknown {
  if (!(schema instanceof z.ZodObject)) return undefined;
  return Object.fromEntries(Object.keys(schema.shape).map((name) => [name, headers[name.toLowerCase()]]));
}

/** Sees to it that nothing is served that the table does not know. */
export function refuseUnknownRoutes(app: FastifyInstance): void {
  app.addHook("onRoute", ({ method, url, config }) => {
    // A preflight is no operation.
    if (config?.operation !== undefined || method === "OPTIONS") return;
    throw new Error(`${String(method)} ${url} is not in the table of operations; make it with route()`);
  });
}
