import { type Logger, pino } from "pino";

/** Structured logs on standard output, one JSON object a line. */
export function createLogger(level: string): Logger {
  return pino({
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: ["headers.authorization", "*.apiKey", "err.requestBodyValues", "err.responseHeaders", "err.request"],
  });
}
