import { parseExactly, stringifyExactly } from "@arrwdb/protocol/exact-json";

/**
 * `JSON.parse`, with whole numbers beyond 2^53 - 1 as `bigint`, as the client gives them.
 *
 * @throws SyntaxError for what is not JSON
 */
export const parseJson = (json: string): unknown => {
  const value: unknown = parseExactly(json);
  return value;
};

/** `JSON.stringify` for what the client gives, in which there may be a `bigint`: it is written as a number, exactly. */
export const stringifyJson = (value: unknown, space?: number): string => stringifyExactly(value, space);
