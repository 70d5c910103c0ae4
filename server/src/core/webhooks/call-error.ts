/** Node's error codes that a user can act on. */
const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: "The receiver refused the connection",
  ECONNRESET: "The receiver closed the connection without a response",
  ENOTFOUND: "The receiver's host name does not exist",
  EAI_AGAIN: "The receiver's host name could not be resolved",
  EHOSTUNREACH: "There is no route to the receiver",
  ENETUNREACH: "There is no route to the receiver",
  UND_ERR_CONNECT_TIMEOUT: "The connection to the receiver timed out",
  UND_ERR_HEADERS_OVERFLOW: "The response headers of the receiver are too long",
  UND_ERR_SOCKET: "The receiver closed the connection without a response",
};

/** Why a call failed, for the delivery history. */
export function explain(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (error.name === "TimeoutError" || code === "UND_ERR_HEADERS_TIMEOUT") {
    return `The receiver did not respond within ${timeout} ms`;
  }
  const meaning = code === undefined ? undefined : meanings[code];
  if (meaning !== undefined) return `${meaning} (${code})`;
  // The error of the first of several addresses is the most useful.
  if (error instanceof AggregateError && error.errors[0] !== undefined) return explain(error.errors[0], timeout);
  return error.message === "" ? (code ?? error.name) : error.message;
}
