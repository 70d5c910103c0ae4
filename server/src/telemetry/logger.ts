import { type Logger, pino } from "pino";

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

/** Structured logs on standard output, one JSON object a line. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: [...secrets, "err.requestBodyValues", "err.responseHeaders", "err.request"],
  });
}
