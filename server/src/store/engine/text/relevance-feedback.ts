import type { Steps } from "../../../scheduling/steps.ts";
import { analyzerOf } from "./text-analyzer.ts";
import { greatestWeight, termShare } from "./bm25.ts";
import type { TextIndex, WeightedTerms } from "./text-index.ts";
import type { TextLibrary } from "./text-table.ts";

/** A chunk that is taken for relevant, with how much so. */
export interface FeedbackText {
  readonly text: string;
  readonly weight: number;
}

/** Terms that are looked at, and those that are taken. */
const triedTerms = 48;
const takenTerms = 10;
/** How much the terms that were taken count, all together; those of the query count the rest. */
const share = 0.4;
/** Terms that more chunks have than this part say little, and cost much. */
const commonPart = 1 / 20;
const commonAtLeast = 50;

/**
 * Adds to a query the terms that the best chunks have in common and others have not: a relevance model (Lavrenko and
 * Croft 2001), mixed with the query's own terms (RM3, Abdul-Jaleel et al. 2004). Terms weigh as BM25 weighs them. So a
 * chunk is found that says the same in other words, as long as those who are found first use some of them.
 */
export function* expand(
  index: TextIndex,
  library: TextLibrary,
  terms: WeightedTerms,
  best: readonly FeedbackText[],
): Steps<WeightedTerms> {
  const { chunks, meanLength } = index.totals(library);
  const tried = commonTerms(library, best, meanLength);
  const rare = Math.max(commonAtLeast, Math.floor(chunks * commonPart));
  const weighed: [string, number][] = [];
  for (const [term, part] of tried) {
    const frequency = index.frequency(library, term, rare);
    if (frequency <= rare) weighed.push([term, part * greatestWeight(chunks, frequency)]);
    yield;
  }
  const taken = weighed.toSorted((a, b) => b[1] - a[1]).slice(0, takenTerms);
  const total = taken.reduce((sum, [, weight]) => sum + weight, 0);
  if (total <= 0 || terms.size === 0) return terms;
  const expanded = new Map([...terms.keys()].map((term) => [term, (1 - share) / terms.size]));
  for (const [term, weight] of taken) expanded.set(term, (expanded.get(term) ?? 0) + (share * weight) / total);
  return expanded;
}

/** The terms that the texts have most of, each text counting by its weight. */
function commonTerms(
  library: TextLibrary,
  best: readonly FeedbackText[],
  meanLength: number,
): readonly (readonly [string, number])[] {
  const analyzer = analyzerOf(library.language);
  const total = best.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const parts = new Map<string, number>();
  for (const { text, weight } of best) {
    const all = analyzer.terms(text);
    const frequencies = new Map<string, number>();
    for (const term of all) frequencies.set(term, (frequencies.get(term) ?? 0) + 1);
    for (const term of analyzer.queryTerms(text)) {
      const part = (weight / total) * termShare(frequencies.get(term) ?? 0, all.length, meanLength);
      parts.set(term, (parts.get(term) ?? 0) + part);
    }
  }
  return [...parts].toSorted((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1)).slice(0, triedTerms);
}
