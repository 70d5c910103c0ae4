import { INTERNAL_ERROR, INVALID_PARAMS, type JSONRPCMessage, McpServer } from "@modelcontextprotocol/server";
import { z } from "zod";

const issues = z
  .array(z.object({ path: z.array(z.union([z.string(), z.number()])).min(1), message: z.string() }))
  .min(1);

/**
 * The same message; for params that do not match their schema, with the code for invalid params. For some methods, such
 * as the cursor of `tools/list`, the library reports those as an internal error, with zod's issues as JSON.
 */
export function withParamsCode<Message extends JSONRPCMessage>(message: Message): Message {
  if (!("error" in message) || message.error.code !== INTERNAL_ERROR) return message;
  const found = issues.safeParse(parsed(message.error.message)).data;
  if (found === undefined || found.some(({ path }) => path[0] !== "params")) return message;
  const text = found.map(({ path, message: what }) => `${path.join(".")}: ${what}`).join("; ");
  return { ...message, error: { ...message.error, code: INVALID_PARAMS, message: text.slice(0, 1_000) } };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A server that distinguishes invalid params from internal errors. */
export class StrictMcpServer extends McpServer {
  override async connect(transport: Parameters<McpServer["connect"]>[0]): Promise<void> {
    const send = transport.send.bind(transport);
    transport.send = (message, options) => send(withParamsCode(message), options);
    await super.connect(transport);
  }
}
