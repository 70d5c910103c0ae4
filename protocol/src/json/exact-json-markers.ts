/** Exact integers on platforms whose `JSON` neither exposes the source of numbers nor writes raw text. */

/** Strings, which are left alone, and whole numbers of sixteen digits or more. */
const tokens = /"[^"\\]*(?:\\[^][^"\\]*)*"|(?<![\d.eE+])-?\d{16,}(?:\.0+)?(?![\d.eE])/g;

/** Begins no text that anybody else has written. */
const newMarker = () => `integer-${Math.random().toString(36).slice(2)}${Math.random().toString(36).slice(2)}:`;

export function parseByMarkers(json: string, read: (source: string) => number | bigint): unknown {
  const marker = newMarker();
  // What is not JSON must not become it.
  JSON.parse(json);
  const marked = json.replaceAll(tokens, (token) => (token.startsWith('"') ? token : `"${marker}${token}"`));
  return JSON.parse(marked, (_key, value: unknown) =>
    typeof value === "string" && value.startsWith(marker) ? read(value.slice(marker.length)) : value,
  );
}

export function stringifyByMarkers(value: unknown, space?: number): string {
  const marker = newMarker();
  const json = JSON.stringify(
    value,
    (_key, one: unknown) => (typeof one === "bigint" ? `${marker}${String(one)}` : one),
    space,
  );
  return json.replaceAll(new RegExp(`"${marker}(-?\\d+)"`, "g"), "$1");
}
