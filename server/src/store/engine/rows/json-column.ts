import { parseExactly, stringifyExactly } from "@arrwdb/protocol/exact-json";

/**
 * A column of JSON. What is read was written by `encode` of the same column, whose type it therefore has: it is not checked
 * again, as reading many rows would cost more than everything else. All of our own JSON passes here.
 */
export class JsonColumn<Value> {
  encode(value: Value): string {
    return stringifyExactly(value);
  }

  decode(json: string): Value {
    const value: Value = parseExactly(json);
    return value;
  }
}
