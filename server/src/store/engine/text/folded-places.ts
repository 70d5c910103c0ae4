import { composed } from "./words.ts";

/** A text as its words are read from it, and the place of each of its code units in the original; none if it is the same. */
export interface FoldedText {
  readonly text: string;
  readonly starts?: readonly number[];
  readonly ends?: readonly number[];
}

/** Characters that are composed together: a syllable of Hangul, or any character, with the marks that follow. */
const clusters =
  /(?:[\u{AC00}-\u{D7A3}]?[\u{1100}-\u{11FF}\u{A960}-\u{A97F}\u{D7B0}-\u{D7FF}]+|[^])[\p{M}\p{Default_Ignorable_Code_Point}\u{FF9E}\u{FF9F}]*/gu;
/** The same by white space, in case characters are composed across these borders. */
const spaced = /\S+\s*|\s+/gu;

/**
 * The text in composition, in lower case, without invisible characters. Undefined if places cannot be told, because
 * characters far apart are composed.
 */
export function foldedPlaces(text: string): FoldedText | undefined {
  const whole = composed(text);
  const lower = whole.toLowerCase();
  // Nearly every text.
  if (whole === text && lower.length === text.length) return { text: lower };
  return inPieces(text, whole, clusters) ?? inPieces(text, whole, spaced);
}

function inPieces(text: string, whole: string, pieces: RegExp): FoldedText | undefined {
  const starts: number[] = [];
  const ends: number[] = [];
  let together = "";
  for (const { 0: piece, index } of text.matchAll(pieces)) {
    const part = composed(piece);
    together += part;
    const length = lengthInLowerCase(part);
    for (let unit = 0; unit < length; unit++) {
      starts.push(index);
      ends.push(index + piece.length);
    }
  }
  const lower = whole.toLowerCase();
  return together === whole && lower.length === starts.length ? { text: lower, starts, ends } : undefined;
}

/** Each character by itself, as one in lower case may be two. */
function lengthInLowerCase(part: string): number {
  let length = 0;
  for (const character of part) length += character.toLowerCase().length;
  return length;
}
