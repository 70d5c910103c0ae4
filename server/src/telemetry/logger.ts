import { type DestinationStream, type Logger, pino } from "pino";

/** Whatever logs a request, an answer or a setting: no secret of it stands in the log. */
const secretNames = [
  "authorization",
  "cookie",
  "apiKey",
  "api_key",
  "adminKey",
  "ARRWDB_ADMIN_KEY",
  '["set-cookie"]',
  '["sec-websocket-protocol"]',
];
const at = (path: string, name: string) => (name.startsWith("[") ? `${path}${name}` : `${path}.${name}`);
const secrets = secretNames.flatMap((name) => [name, at("*", name), at("headers", name), at("*.headers", name)]);

/** Causes of causes that are told. */
const depth = 4;

/**
 * Structured logs on standard output, one JSON object a line. A line of a request has its `request_id`, one of a
 * connection its `connection`. No line holds what clients have sent, or a secret.
 *
 * @param destination where the lines go instead, for tests.
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

/** How Node and `ws` tell that a peer has hung up, or that nobody waits any more. Where that happened in our code says nothing. */
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

/** What may be told of an error: errors of providers carry whole requests, with texts and keys, in fields of their own. */
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
