/**
 * The format of FTS5 tokens: the library, a term of one of its chunks, its number of occurrences, and the chunk's number of
 * terms. So reading the range of a term returns everything BM25 needs, for this library alone, without reading the chunks.
 * `.` is in no term, and `/` is the character after it.
 */
export interface Posting {
  readonly frequency: number;
  readonly length: number;
}

const digits = 36;

/** The tokens of one chunk, as the text that FTS5 splits at spaces. */
export function tokensOf(library: number, terms: readonly string[]): string {
  const frequencies = new Map<string, number>();
  for (const term of terms) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
  const length = terms.length.toString(digits);
  let tokens = "";
  for (const [term, frequency] of frequencies)
    tokens += `${library.toString(digits)}.${term}.${frequency.toString(digits)}.${length} `;
  return tokens;
}

/** The tokens of a term are from the first of these (inclusive) to the second (exclusive). */
export const rangeOf = (library: number, term: string): readonly [string, string] => {
  const prefix = `${library.toString(digits)}.${term}`;
  return [`${prefix}.`, `${prefix}/`];
};

export function postingOf(token: string): Posting {
  const parts = token.split(".");
  return { frequency: parseInt(parts[2] ?? "", digits), length: parseInt(parts[3] ?? "", digits) };
}
