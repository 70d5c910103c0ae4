import type { Steps } from "../../../scheduling/steps.ts";
import { analyzerOf } from "./text-analyzer.ts";
import { greatestWeight, termShare } from "./bm25.ts";
import type { TextIndex, WeightedTerms } from "./text-index.ts";
import type { TextLibrary } from "./text-table.ts";

/** A chunk that is assumed to be relevant, and its weight. */
export interface FeedbackText {
  readonly text: string;
  readonly weight: number;
}

/** Number of terms considered, and of terms added. */
const triedTerms = 48;
const takenTerms = 10;
/** Total weight of the added terms; those of the query have the rest. */
const share = 0.4;
/** Terms in more than this fraction of chunks are skipped: they say little, and cost much. */
const commonPart = 1 / 20;
const commonAtLeast = 50;

/**
 * Expands a query with terms that the best chunks share and others lack: a relevance model (Lavrenko and Croft 2001), mixed
 * with the query's own terms (RM3, Abdul-Jaleel et al. 2004). Terms are weighted by BM25. So a chunk is found that says the
 * same in other words, if the best chunks use some of them.
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

/** The most frequent terms of the texts, each text weighted. */
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
