import { mcpMessage } from "@arrwdb/protocol/operations/mcp-operations";
import { z } from "zod";

const message = mcpMessage.extend({ params: z.unknown() });
export type McpMessage = z.output<typeof message>;

const cancellation = z.object({
  method: z.literal("notifications/cancelled"),
  params: z.looseObject({ requestId: z.union([z.string(), z.number()]) }),
});

/** The messages of a request; the library validates them later. */
export const messagesOf = (body: unknown): readonly McpMessage[] =>
  (Array.isArray(body) ? body : [body]).flatMap((value: unknown) => message.safeParse(value).data ?? []);

/** The id of the call that the message cancels, if it is a cancellation. */
export const cancelledBy = (value: McpMessage): string | number | undefined =>
  cancellation.safeParse(value).data?.params.requestId;

/** The response to a request with params that are invalid for every method. */
export function refusalOfParams(messages: readonly McpMessage[]): unknown {
  const wrong = messages.find(
    ({ method, params }) => method !== undefined && params !== undefined && !isObject(params),
  );
  if (wrong === undefined) return undefined;
  return { jsonrpc: "2.0", id: wrong.id ?? null, error: { code: -32602, message: "params: must be an object" } };
}

const isObject = (value: unknown) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The `Accept` header with explicit media types: the library compares both by name, and supports neither ranges
 * (`*\/*`) nor a missing header, which accepts anything (RFC 9110, 12.5.1).
 */
export function acceptedOf(accept: string | undefined): string {
  const both = "application/json, text/event-stream";
  if (accept === undefined || accept.trim() === "") return both;
  const ranges = new Set(accept.split(",").map((range) => range.split(";")[0]?.trim().toLowerCase()));
  const takes = (type: string) => [type, `${type.split("/")[0]}/*`, "*/*"].some((range) => ranges.has(range));
  return takes("application/json") && takes("text/event-stream") ? both : accept;
}
