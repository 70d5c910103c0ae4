import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { ArrwClientError } from "arrwdb-client";
import { CommandError, type ExitName, Interrupted } from "./exit-codes.ts";
import { styleMessage, tell } from "./terminal-output.ts";
import { counted } from "./units.ts";

/** Why a command failed, for people and for programs. */
export interface Failure {
  readonly exit: ExitName;
  readonly code: string;
  readonly message: string;
  readonly hint: string | undefined;
}

function systemMessage(error: Error): string {
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  const path = "path" in error && typeof error.path === "string" ? error.path : "";
  if (code === "ENOENT") return `${path} does not exist`;
  if (code === "EACCES" || code === "EPERM") return `${path} cannot be opened by this user: permission denied`;
  if (code === "ENOSPC") return "The disk is full";
  return error.message;
}

const unreachable = "Is the server running? Set its URL with --url or ARRWDB_URL.";

function hintOf({ code, message, retryable, retryAfter, status }: ArrwClientError): string | undefined {
  if (message.includes("NODE_EXTRA_CA_CERTS")) return "The same as a flag: --cacert /path/to/authority.pem";
  if (code === "network" || code === "timeout") return unreachable;
  if (status === 401 || status === 403) return "Set ARRWDB_API_KEY to a key with this permission.";
  if (code === "library_not_found")
    return `List libraries with "arrwdb libraries list", or create one with "arrwdb libraries create".`;
  // All responses with 503 and 429 say when, but a model that the server does not have will not be there then.
  return !retryable || retryAfter === undefined ? undefined : `Try again in ${counted(retryAfter, "second")}.`;
}

function exitOf({ code }: ArrwClientError): ExitName {
  if (code === "network" || code === "timeout") return "unreachable";
  return code === "ambiguous_name" ? "usage" : "failed";
}

export function failureOf(error: unknown): Failure {
  if (error instanceof Interrupted) {
    return { exit: "interrupted", code: "interrupted", message: error.message, hint: undefined };
  }
  if (error instanceof CommandError) {
    // The command's own hint is more specific than that of its cause.
    const cause = error.cause === undefined ? undefined : failureOf(error.cause);
    const code = cause?.code ?? error.exit;
    return { exit: cause?.exit ?? error.exit, code, message: error.message, hint: error.hint ?? cause?.hint };
  }
  if (error instanceof ArrwClientError) {
    return { exit: exitOf(error), code: error.code, message: error.message, hint: hintOf(error) };
  }
  if (error instanceof ArrwError) return { exit: "failed", code: error.code, message: error.message, hint: undefined };
  const message = error instanceof Error ? systemMessage(error) : String(error);
  return { exit: "failed", code: "failed", message, hint: undefined };
}

/** Prints why a command failed: as text, or as one JSON object. */
export function tellFailure({ exit, code, message, hint }: Failure, asJson: boolean): void {
  if (asJson) tell(JSON.stringify({ error: { exit, code, message, ...(hint === undefined ? {} : { hint }) } }));
  else {
    tell(`${styleMessage("red", "arrwdb:")} ${message}`);
    if (hint !== undefined) tell(`  ${hint}`);
  }
}
