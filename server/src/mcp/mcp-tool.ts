import type {
  CallToolResult,
  ServerContext,
  StandardSchemaWithJSON,
  ToolAnnotations,
} from "@modelcontextprotocol/server";
import type { McpDatabase } from "./mcp-database.ts";
import { rawFields } from "./raw-integers.ts";
import { isFault, toolError } from "./tool-error.ts";
import type { WatchSlots } from "./watch-slots.ts";

/** What every tool works with. */
export interface ToolContext {
  readonly database: McpDatabase;
  /** Bounds the calls that wait. */
  readonly waiting: WatchSlots;
  /** Whose places are taken there. */
  readonly caller: string;
  /** Ends the call with this id, if something besides its own transport does. */
  readonly endOf?: ((id: unknown) => AbortSignal) | undefined;
  /** Called with internal errors, of which the model gets no details. */
  readonly onFault: (error: unknown) => void;
}

/** The result of a tool in two forms, for programs and for models. */
export interface ToolAnswer<Output> {
  readonly structured: Output;
  readonly text: string;
}

type AnswerSchema = StandardSchemaWithJSON<unknown, Record<string, unknown>>;

export interface Tool<Input extends StandardSchemaWithJSON, Output extends AnswerSchema> {
  readonly name: string;
  readonly title: string;
  /** For the model that decides whether to call it. */
  readonly description: string;
  readonly annotations: ToolAnnotations;
  readonly input: Input;
  readonly output: Output;
  run(
    input: StandardSchemaWithJSON.InferOutput<Input>,
    context: ToolContext,
    signal: AbortSignal,
  ): Promise<ToolAnswer<StandardSchemaWithJSON.InferOutput<Output>>>;
}

/** The tool's description for `tools/list`. */
export function descriptionOf<Input extends StandardSchemaWithJSON, Output extends AnswerSchema>(
  tool: Tool<Input, Output>,
) {
  const { title, description, annotations, input, output } = tool;
  const ours = { openWorldHint: false, ...annotations };
  return { title, description, annotations: ours, inputSchema: input, outputSchema: output };
}

/** Wraps the tool so that its errors become results that name the remedy. */
export function callerOf<Input extends StandardSchemaWithJSON, Output extends AnswerSchema>(
  tool: Tool<Input, Output>,
  context: ToolContext,
) {
  return async (
    input: StandardSchemaWithJSON.InferOutput<Input>,
    { mcpReq: { id, signal: ofTransport } }: ServerContext,
  ): Promise<CallToolResult> => {
    const end = context.endOf?.(id);
    const signal = end === undefined ? ofTransport : AbortSignal.any([ofTransport, end]);
    try {
      const { structured, text } = await tool.run(input, context, signal);
      return { structuredContent: rawFields(structured), content: [{ type: "text", text }] };
    } catch (error) {
      if (isFault(error) && !signal.aborted) context.onFault(error);
      return toolError(error);
    }
  };
}
