import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";

/** The beginning of a text, with a mark if truncated; surrogate pairs are not split. */
export function beginningOf(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${pieceOf(text, 0, characters).trimEnd()}…`;
}

/** At most so many characters from `start` on; one fewer if the last would split a surrogate pair. */
export function pieceOf(text: string, start: number, characters: number): string {
  const piece = text.slice(start, start + characters);
  return start + piece.length < text.length && /[\uD800-\uDBFF]$/.test(piece) ? piece.slice(0, -1) : piece;
}

/** The text on one line. */
export const inOneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim();

/** The value, or undefined if its JSON is longer than this many characters. */
export function unlessLarge<Value>(value: Value, characters: number): Value | undefined {
  return stringifyExactly(value).length <= characters ? value : undefined;
}
