import { ArrwError } from "@arrwdb/protocol/errors";
import { exactReviver, mayHoldLargeIntegers, parseExactly } from "@arrwdb/protocol/exact-json";
import secureJson from "secure-json-parse";

const decoder = new TextDecoder("utf-8", { fatal: true });

/** Looking for a name is much quicker than the pattern that finds it however it is escaped. */
const mayNamePrototype = (text: string): boolean =>
  text.includes("__proto__") || text.includes("constructor") || text.includes("\\u00");

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
    if (!mayNamePrototype(text) && !text.startsWith(byteOrderMark)) {
      return parseExactly(text);
    }
    const reviver = mayHoldLargeIntegers(text) ? exactReviver : undefined;
    const value: unknown = secureJson.parse(text, reviver, { protoAction: "error", constructorAction: "error" });
    return value;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    if (reason.includes("forbidden prototype")) {
      const message = `${what} has a field named __proto__ or constructor.prototype, which is not accepted; rename it`;
      throw new ArrwError("malformed_json", message, { field: "__proto__", cause });
    }
    const hint = /\b-?(NaN|Infinity)\b/.test(text.slice(0, 1_000_000)) ? " (JSON has no NaN and no Infinity)" : "";
    throw new ArrwError("malformed_json", `${what} is not JSON: ${reason}${hint}`, { cause });
  }
}

/** The same without the fields that are not accepted, to find out whom to answer; undefined for what is no JSON. */
export function salvageJson(input: Uint8Array): unknown {
  try {
    const value: unknown = secureJson.parse(decode(input, ""), { protoAction: "remove", constructorAction: "remove" });
    return value;
  } catch {
    return undefined;
  }
}

function decode(bytes: Uint8Array, what: string): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new ArrwError("malformed_json", `${what} is not valid UTF-8; send it in UTF-8`, { cause });
  }
}
