/**
 * BM25 as in Lucene, with its usual parameters, which FTS5 uses too (Robertson and Zaragoza 2009, "The Probabilistic
 * Relevance Framework: BM25 and Beyond"): rare terms count more, each further occurrence counts less, and long texts are
 * penalized.
 */
const saturation = 1.2;
const lengthPart = 0.75;

/** Maximum contribution of a term to a score (IDF). Close to zero for terms that every text has, but never negative. */
export const greatestWeight = (texts: number, textsWithTerm: number): number =>
  (saturation + 1) * Math.log(1 + (texts - textsWithTerm + 0.5) / (textsWithTerm + 0.5));

/** The fraction of that weight, from 0 to below 1, for a term with this many occurrences in a text of this length. */
export function termShare(frequency: number, length: number, meanLength: number): number {
  return frequency / (frequency + saturation * (1 - lengthPart + (lengthPart * length) / meanLength));
}
