import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { parseExactly } from "@arrwdb/protocol/json/exact-json";

const decoder = new TextDecoder("utf-8", { fatal: true });

const byteOrderMark = "\ufeff";

/**
 * Parses untrusted JSON; integers beyond 2^53 - 1 become `bigint`. Every name is an own field, `__proto__` too, so that
 * reading fields is safe; `object[name] = value` for such a name is not.
 *
 * @param what the name of the input in error messages: "the body", "line 3"
 * @throws ArrwError `malformed_json` for invalid UTF-8 or JSON
 */
export function parseJson(input: Uint8Array | string, what: string): unknown {
  const text = typeof input === "string" ? input : decode(input, what);
  try {
    const value: unknown = parseExactly(text.startsWith(byteOrderMark) ? text.slice(1) : text);
    return value;
  } catch (cause) {
    // A very deep text with integers that JSON.parse rounds.
    const deep = cause instanceof RangeError;
    const reason = deep ? "it is nested too deeply" : cause instanceof Error ? cause.message : String(cause);
    const hint = /\b-?(NaN|Infinity)\b/.test(text.slice(0, 1_000_000)) ? " (JSON does not allow NaN or Infinity)" : "";
    throw new ArrwError("malformed_json", `${what} could not be parsed as JSON: ${reason}${hint}`, { cause });
  }
}

/** The same, to find the id of the request to reply to; undefined for invalid JSON. */
export function salvageJson(input: Uint8Array): unknown {
  try {
    return parseJson(input, "");
  } catch {
    return undefined;
  }
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ArrwError("malformed_json", `${what} is not valid UTF-8; encode it as UTF-8`, { cause });
  }
}
