/** The excerpt of a hit's text with the most words of the query. */
export interface Excerpt {
  readonly text: string;
  /** Ranges of query words in it; the end is exclusive. */
  readonly marks: readonly (readonly [from: number, to: number])[];
}

const word = /[\p{L}\p{N}]+/gu;
/** Shorter words occur in every text. */
const shortestWord = 3;
/** Length of the common prefix at which two words count as forms of one word. */
const stem = 5;

const formsOf = (text: string) =>
  new Set(
    [...text.toLowerCase().matchAll(word)].flatMap(([found]) =>
      found.length < shortestWord ? [] : [found.slice(0, stem)],
    ),
  );

/** @param length characters of the excerpt at most, its dots besides */
export function excerptOf(text: string, query: string, length: number): Excerpt {
  const forms = formsOf(query);
  const marks = [...text.matchAll(word)].flatMap((found) =>
    forms.has(found[0].toLowerCase().slice(0, stem)) ? [[found.index, found.index + found[0].length] as const] : [],
  );
  const from = beginningOf(text, marks, length);
  const to = text.length - from <= length ? text.length : Math.max(text.lastIndexOf(" ", from + length), from + 1);
  const before = from === 0 ? "" : "…";
  const shift = before.length - from;
  return {
    text: before + text.slice(from, to) + (to === text.length ? "" : "…"),
    marks: marks.flatMap(([start, end]) => (start >= from && end <= to ? [[start + shift, end + shift] as const] : [])),
  };
}

/** The start of the excerpt: shortly before the mark that is followed closely by the most others. */
function beginningOf(text: string, marks: readonly (readonly [number, number])[], length: number): number {
  if (text.length <= length) return 0;
  let best = 0;
  let most = 0;
  for (const [index, [start]] of marks.entries()) {
    let count = 0;
    while ((marks[index + count]?.[1] ?? Number.POSITIVE_INFINITY) <= start + length * 0.75) count++;
    if (count > most) [best, most] = [start, count];
  }
  if (best < length * 0.75) return 0;
  return text.lastIndexOf(" ", best - length * 0.2) + 1;
}

/** The text with each mark as `show` shows it. */
export function withMarks({ text, marks }: Excerpt, show: (marked: string) => string): string {
  let shown = "";
  let at = 0;
  for (const [from, to] of marks) {
    shown += text.slice(at, from) + show(text.slice(from, to));
    at = to;
  }
  return shown + text.slice(at);
}
