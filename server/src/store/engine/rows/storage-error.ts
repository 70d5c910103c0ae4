import { ArrwError } from "@arrwdb/protocol/errors/errors";

const ioError = 10;
const full = 13;
/** SQLite's extended code if the index of the write-ahead log could not grow, as on a full disk. */
const logIndexSize = ioError | (19 << 8);

/** SQLite's primary result code, or undefined for an error that is not SQLite's. */
export function resultCode(error: unknown): number | undefined {
  const extended = extendedCode(error);
  return extended === undefined ? undefined : extended & 0xff;
}

function extendedCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !("errcode" in error) || typeof error.errcode !== "number") return undefined;
  return error.errcode;
}

/** The code of a failed file operation: `ENOSPC`, `EACCES`. */
function systemCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("syscall" in error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}

/** Whether the disk itself failed, so that retrying in smaller parts is useless. */
export function isDiskFailure(error: unknown): boolean {
  return resultCode(error) === ioError;
}

/** Whether the cause was lack of space. */
export const isDiskFull = (error: unknown): boolean =>
  resultCode(error) === full || extendedCode(error) === logIndexSize || systemCode(error) === "ENOSPC";

/** Converts an I/O error to an `ArrwError`; returns anything else unchanged. */
export function storageError(error: unknown): Error {
  if (error instanceof ArrwError) return error;
  const code = resultCode(error);
  const reason = error instanceof Error ? error.message : String(error);
  if (isDiskFull(error)) {
    const message = "The disk is full or the server's size limit is reached; nothing of this request was written";
    return new ArrwError("storage_full", message, { cause: error, retryAfter: 30 });
  }
  if (code !== undefined || systemCode(error) !== undefined) {
    return new ArrwError("storage_failed", `I/O error: ${reason}`, { cause: error, retryAfter: 5 });
  }
  return error instanceof Error ? error : new Error(reason);
}
