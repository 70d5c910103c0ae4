import { stringifyExactly } from "@arrwdb/protocol/exact-json";

/** The beginning of a text, with a mark where it was cut; no character is cut in two. */
export function beginningOf(text: string, characters: number): string {
  if (text.length <= characters) return text;
  return `${pieceOf(text, 0, characters).trimEnd()}…`;
}

/** The characters from `start` on, at most so many; one fewer where the last one would be cut in two. */
export function pieceOf(text: string, start: number, characters: number): string {
  const piece = text.slice(start, start + characters);
  return start + piece.length < text.length && /[\uD800-\uDBFF]$/.test(piece) ? piece.slice(0, -1) : piece;
}

/** The text in one line. */
export const inOneLine = (text: string) => text.replaceAll(/\s+/g, " ").trim();

/** The value, or undefined where it takes more characters as JSON. */
export function unlessLarge<Value>(value: Value, characters: number): Value | undefined {
  return stringifyExactly(value).length <= characters ? value : undefined;
}
