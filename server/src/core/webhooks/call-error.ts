/** Node's codes of what people can do something about. */
const meanings: Readonly<Record<string, string>> = {
  ECONNREFUSED: "Nothing listens at the receiver's address",
  ECONNRESET: "The receiver closed the connection without an answer",
  ENOTFOUND: "The receiver's name is not known",
  EAI_AGAIN: "The receiver's name could not be looked up",
  EHOSTUNREACH: "There is no way to the receiver",
  ENETUNREACH: "There is no way to the receiver",
  UND_ERR_CONNECT_TIMEOUT: "The receiver could not be connected to in time",
  UND_ERR_HEADERS_OVERFLOW: "The headers of the receiver's answer are too long",
  UND_ERR_SOCKET: "The receiver closed the connection without an answer",
};

/** Why a call was not answered, for the person who reads the history. */
export function explain(error: unknown, timeout: number): string {
  if (!(error instanceof Error)) return String(error);
  const code = "code" in error && typeof error.code === "string" ? error.code : undefined;
  if (error.name === "TimeoutError" || code === "UND_ERR_HEADERS_TIMEOUT") {
    return `The receiver did not answer within ${timeout} ms`;
  }
  const meaning = code === undefined ? undefined : meanings[code];
  if (meaning !== undefined) return `${meaning} (${code})`;
  // Of several addresses that were tried, the first one tells.
  if (error instanceof AggregateError && error.errors[0] !== undefined) return explain(error.errors[0], timeout);
  return error.message === "" ? (code ?? error.name) : error.message;
}
