import { ArrwError } from "@arrwdb/protocol/errors/errors";

/** SQLSTATE codes and classes (PostgreSQL's documentation, Appendix A). */
const noSpace = new Set(["53100", "53200", "54000"]);
const retryable = /^(08|57|53|25006|40)/;

/** PostgreSQL's code of an error, or the system's of a failed connection. */
export function codeOfError(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Converts an error of PostgreSQL or its connection to an `ArrwError`; one that is an `ArrwError` is unchanged. */
export function databaseError(error: unknown): ArrwError {
  if (error instanceof ArrwError) return error;
  const code = codeOfError(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (code !== undefined && noSpace.has(code)) {
    const message = `PostgreSQL has no room left (${reason}); nothing of this request was written`;
    return new ArrwError("storage_full", message, { cause: error, retryAfter: 30 });
  }
  const isTemporary = code === undefined || !/^[0-9A-Z]{5}$/.test(code) || retryable.test(code);
  return new ArrwError("storage_failed", `PostgreSQL: ${reason}`, {
    cause: error,
    ...(isTemporary ? { retryAfter: 5 } : {}),
  });
}
