import { stringifyExactly } from "./exact-json.ts";

/** Line ends for some readers, which are valid unescaped in JSON: NEL, LS and PS. */
const lineEnds = /[\u0085\u2028\u2029]/;
const allLineEnds = new RegExp(lineEnds, "g");

/**
 * The same JSON, in one line for every reader: Node's `readline` and Python's `splitlines`, which clients of HTTP and of
 * Server-Sent Events are built on, end lines at more characters than "\n".
 */
export function inOneLine(json: string): string {
  if (!lineEnds.test(json)) return json;
  return json.replaceAll(allLineEnds, (end) => `\\u${end.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

/** A value as JSON on one line. */
export const jsonInOneLine = (value: unknown): string => inOneLine(stringifyExactly(value));

/** A line of NDJSON, with its end. */
export const jsonLine = (value: unknown): string => `${jsonInOneLine(value)}\n`;
