import { z } from "zod";
import { bodyErrors, type Operation } from "./operation.ts";
import { ofServer } from "./subjects.ts";

/** Messages of one request; batches are sent only by clients of early revisions. */
const messagesOfRequest = 16;

/** A message of JSON-RPC 2.0. Its content is defined by the Model Context Protocol. */
export const mcpMessage = z.looseObject({
  jsonrpc: z.literal("2.0", { error: 'must be "2.0"' }),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string().optional(),
});

const messages = z
  .array(mcpMessage)
  .min(1, "must have at least one message")
  .max(messagesOfRequest, `must have at most ${messagesOfRequest} messages; send them one by one`);

/** The body of one request. */
export const mcpRequest = z.union([mcpMessage, messages]);
/** The response. */
export const mcpAnswer = z.union([mcpMessage, z.array(mcpMessage)]);

const content = { "application/json": mcpAnswer, "text/event-stream": mcpMessage };
const refused = { "application/json": mcpMessage };

export const mcpOperations = {
  mcp: {
    ...ofServer,
    id: "mcp",
    method: "POST",
    path: "/mcp",
    chapter: "Model Context Protocol",
    summary: "Call the tools search, add, get, list and watch over the Model Context Protocol",
    description:
      "Streamable HTTP without sessions, so `GET` and `DELETE` return 405. See [the specification](https://modelcontextprotocol.io/specification).",
    scope: "read",
    body: mcpRequest,
    answers: {
      200: { description: "The response, or a stream that ends with it", content },
      202: { description: "The notification was accepted", content: {} },
      400: { description: "The message is not valid in the protocol", content: refused },
      403: { description: "Pages of this origin are not allowed", content: refused },
      404: { description: "There is no such method", content: refused },
      406: {
        description: "The client does not accept both `application/json` and `text/event-stream`",
        content: refused,
      },
    },
    errors: [...bodyErrors],
  },
} as const satisfies Record<string, Operation>;
