const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** The value for a third-party `JSON.stringify`: each `bigint` is written as a number. */
export function withRawIntegers(value: unknown): unknown {
  if (typeof value === "bigint") return JSON.rawJSON?.(String(value));
  if (Array.isArray(value)) return value.map(withRawIntegers);
  if (!isRecord(value)) return value;
  return rawFields(value);
}

export const rawFields = (record: Readonly<Record<string, unknown>>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).map(([name, field]) => [name, withRawIntegers(field)]));
