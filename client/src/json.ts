import { parseExactly, stringifyExactly } from "@arrwdb/protocol/json/exact-json";

/**
 * `JSON.parse`, with whole numbers beyond 2^53 - 1 as `bigint`, as the client returns them.
 *
 * @throws SyntaxError for invalid JSON
 */
export const parseJson = (json: string): unknown => {
  const value: unknown = parseExactly(json);
  return value;
};

/** `JSON.stringify` for values of the client, which may contain a `bigint`: it is written exactly, as a number. */
export const stringifyJson = (value: unknown, space?: number): string => stringifyExactly(value, space);
