import { isErrorCode, errorTable } from "@arrwdb/protocol/errors/error-table";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { CallToolResult } from "@modelcontextprotocol/server";

/** What a model can do about an error. Other codes have their remedy in the message. */
const remedies: ReadonlyMap<string, string> = new Map([
  ["library_not_found", "Call the tool `list` without arguments to list the libraries."],
  ["document_not_found", "Document ids are in the results of `search`, and of `list` with a library."],
  ["invalid_cursor", "Call `list` without a cursor to start again."],
  ["position_ahead", "Use a `position` that a tool returned for this library, or omit it."],
  ["text_not_searchable", "This library accepts only vectors; choose another one."],
  ["network", "Start the server, or set its URL with --url, and call the tool again."],
  ["timeout", "Call the tool again."],
]);

/** Both the core's errors and the client's are like this. */
interface CodedError extends Error {
  readonly code: string;
  readonly earliestSeq?: number | undefined;
}

const ofClient: ReadonlySet<string> = new Set(["network", "timeout", "closed", "protocol"]);

function isCoded(error: unknown): error is CodedError {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return false;
  return isErrorCode(error.code) || ofClient.has(error.code);
}

const isRetryable = (code: string) => isErrorCode(code) && errorTable[code].retryable;

/** The error and its remedy, as text for a model. */
export function toolErrorText(error: unknown): string {
  const coded: CodedError = isCoded(error) ? error : toArrwError(error);
  const { code, message, earliestSeq } = coded;
  const resume =
    earliestSeq === undefined
      ? undefined
      : `Set \`after\` to ${earliestSeq} or more, or omit it to wait for new changes.`;
  const remedy = resume ?? remedies.get(code) ?? (isRetryable(code) ? "Call the tool again later." : undefined);
  return [`${message} (${code})`, remedy].filter((part) => part !== undefined).join("\n");
}

/** The error as the result of a tool. */
export function toolError(error: unknown): CallToolResult {
  return { isError: true, content: [{ type: "text", text: toolErrorText(error) }] };
}

/** Whether the error is internal, and not the client's or a provider's. */
export const isFault = (error: unknown): boolean =>
  !isCoded(error) || (error instanceof ArrwError && error.code === "internal");
