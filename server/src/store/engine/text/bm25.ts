/**
 * BM25 as Lucene has it, with its usual parameters, and those of FTS5 too (Robertson and Zaragoza 2009, "The
 * Probabilistic Relevance Framework: BM25 and Beyond"): terms that are rare count more, each further occurrence counts
 * less, and long texts have to say more.
 */
const saturation = 1.2;
const lengthPart = 0.75;

/** What one term may add to a score at the most. Terms that every text has add next to nothing, but never less. */
export const greatestWeight = (texts: number, textsWithTerm: number): number =>
  (saturation + 1) * Math.log(1 + (texts - textsWithTerm + 0.5) / (textsWithTerm + 0.5));

/** The part of that weight, from 0 to below 1, that a text of this length adds where the term stands in it so often. */
export function termShare(frequency: number, length: number, meanLength: number): number {
  return frequency / (frequency + saturation * (1 - lengthPart + (lengthPart * length) / meanLength));
}
