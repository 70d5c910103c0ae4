import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { parseExactly } from "@arrwdb/protocol/json/exact-json";
import { mayHoldEscapedNames } from "@arrwdb/protocol/json/exact-names";
import secureJson from "secure-json-parse";

const decoder = new TextDecoder("utf-8", { fatal: true });

const prototypeNames = /"(?:__proto__|constructor)"\s*:/;

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const byteOrderMark = "\ufeff";

/**
 * Parses untrusted JSON; integers beyond 2^53 - 1 become `bigint`.
 *
 * @param what the name of the input in error messages: "the body", "line 3"
 * @throws ArrwError `malformed_json` for invalid UTF-8 or JSON, or if it contains `__proto__` or `constructor.prototype`
 */
export function parseJson(input: Uint8Array | string, what: string): unknown {
  const text = typeof input === "string" ? input : decode(input, what);
  try {
    const hasEscapedNames = mayHoldEscapedNames(text);
    const value: unknown = parseExactly(text.startsWith(byteOrderMark) ? text.slice(1) : text, hasEscapedNames);
    // Searching the text is much faster than walking the parsed value; an escaped name could be any.
    if (isObject(value) && (hasEscapedNames || prototypeNames.test(text))) {
      secureJson.scan(value, { protoAction: "error", constructorAction: "error" });
    }
    return value;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (reason.includes("forbidden prototype")) {
      const message = `${what} has a field named __proto__ or constructor.prototype, which is not accepted; rename it`;
      throw new ArrwError("malformed_json", message, { field: "__proto__", cause });
    }
    const hint = /\b-?(NaN|Infinity)\b/.test(text.slice(0, 1_000_000)) ? " (JSON does not allow NaN or Infinity)" : "";
    throw new ArrwError("malformed_json", `${what} could not be parsed as JSON: ${reason}${hint}`, { cause });
  }
}

/** The same without forbidden fields, to find the id of the request to reply to; undefined for invalid JSON. */
export function salvageJson(input: Uint8Array): unknown {
  try {
    const value: unknown = parseExactly(decode(input, ""));
    return isObject(value) ? secureJson.scan(value, { protoAction: "remove", constructorAction: "remove" }) : value;
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
