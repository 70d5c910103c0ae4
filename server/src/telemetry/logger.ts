import { type DestinationStream, type Logger, pino } from "pino";

/** Fields with secrets, redacted in requests, responses and settings. */
const secretNames = [
  "authorization",
  "cookie",
  '["x-api-key"]',
  "apiKey",
  "api_key",
  "adminKey",
  "ARRWDB_ADMIN_KEY",
  '["set-cookie"]',
  '["sec-websocket-protocol"]',
];
const at = (path: string, name: string) => (name.startsWith("[") ? `${path}${name}` : `${path}.${name}`);
const secrets = secretNames.flatMap((name) => [name, at("*", name), at("headers", name), at("*.headers", name)]);

/** Maximum depth of logged causes. */
const depth = 4;

/**
 * Structured logs on standard output, one JSON object per line. Lines of a request have its `request_id`, lines of a
 * connection its `connection`. No line contains client data or a secret.
 *
 * @param destination replaces standard output in tests
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: secrets,
    serializers: { err: (error: unknown) => errorOf(error, depth) },
  };
  return destination === undefined ? pino(options) : pino(options, destination);
}

interface ErrorLine {
  readonly type: string;
  readonly message: string;
  readonly code?: string | undefined;
  readonly stack?: string | undefined;
  readonly cause?: ErrorLine | undefined;
}

/** Errors of Node and `ws` after a peer disconnects or stops waiting. Their stack in our code has no meaning. */
const departures: ReadonlySet<string> = new Set([
  "ABORT_ERR",
  "ECONNABORTED",
  "ECONNRESET",
  "EPIPE",
  "ERR_STREAM_PREMATURE_CLOSE",
  "ERR_STREAM_DESTROYED",
  "upload_aborted",
]);
const isDeparture = (error: Error) =>
  error.name === "AbortError" || ("code" in error && typeof error.code === "string" && departures.has(error.code));

/** The fields of an error that may be logged: errors of providers carry whole requests, with texts and keys. */
function errorOf(error: unknown, left: number): ErrorLine {
  if (!(error instanceof Error)) return { type: typeof error, message: String(error) };
  const { name: type, message, stack, cause } = error;
  return {
    type,
    message,
    code: "code" in error && typeof error.code === "string" ? error.code : undefined,
    stack: isDeparture(error) ? undefined : stack,
    cause: cause === undefined || left === 0 ? undefined : errorOf(cause, left - 1),
  };
}
