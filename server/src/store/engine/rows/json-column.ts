import { parseExactly, stringifyExactly } from "@arrwdb/protocol/json/exact-json";

/**
 * A JSON column. Values that are read were written by `encode` of the same column, so they have its type and are not
 * validated again, which would dominate the cost of reading many rows. All JSON columns use this.
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
