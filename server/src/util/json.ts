import { ArrwError } from "@arrwdb/protocol/errors";
import { parseExactly } from "@arrwdb/protocol/exact-json";
import { mayHoldEscapedNames } from "@arrwdb/protocol/exact-names";
import secureJson from "secure-json-parse";

const decoder = new TextDecoder("utf-8", { fatal: true });

const prototypeNames = /"(?:__proto__|constructor)"\s*:/;

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;
const byteOrderMark = "\ufeff";

/**
 * Parses JSON that came over the wire; whole numbers beyond 2^53 - 1 are `bigint`.
 *
 * @param what the thing that is parsed, as the message should name it: "the body", "line 3".
 * @throws ArrwError `malformed_json` for what is no UTF-8, no JSON, or holds `__proto__` or `constructor.prototype`.
 */
export function parseJson(input: Uint8Array | string, what: string): unknown {
  const text = typeof input === "string" ? input : decode(input, what);
  try {
    const hasEscapedNames = mayHoldEscapedNames(text);
    const value: unknown = parseExactly(text.startsWith(byteOrderMark) ? text.slice(1) : text, hasEscapedNames);
    // Looking through a text is much quicker than through all that it holds; a name with escapes may be any.
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

/** The same without the fields that are not accepted, to find out whom to answer; undefined for what is no JSON. */
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
