import type { TermPlace } from "../../text/text-analyzer.ts";

/** A part of a text: from `start` to before `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Words that are near enough to each other for one fragment. */
interface Cluster extends Span {
  readonly terms: ReadonlySet<string>;
  readonly words: number;
}

/** Share of a fragment that words may take; the rest is what is around them. */
const wordsShare = 0.75;
/** Characters in which a space is looked for, so as to cut there; scripts without spaces are cut anywhere. */
const longestWord = 40;

/** Places that touch or overlap, as one each. */
export function joined(places: readonly Span[]): readonly Span[] {
  const spans: { start: number; end: number }[] = [];
  for (const { start, end } of places) {
    const last = spans.at(-1);
    if (last !== undefined && start <= last.end) last.end = Math.max(last.end, end);
    else spans.push({ start, end });
  }
  return spans;
}

/**
 * The parts of a text with the most different words, at most `count`, which do not overlap, in their order. Each has at most
 * `length` characters, or a single longer word.
 */
export function fragmentsOf(
  text: string,
  places: readonly TermPlace[],
  { count, length }: { readonly count: number; readonly length: number },
): readonly Span[] {
  const [first] = places;
  if (first === undefined) return [];
  if (text.length <= length) return [{ start: 0, end: text.length }];
  const best = clustersOf(places, Math.floor(length * wordsShare))
    .toSorted((one, other) => other.terms.size - one.terms.size || other.words - one.words || one.start - other.start)
    .slice(0, count)
    .toSorted((one, other) => one.start - other.start);
  const fragments: Span[] = [];
  for (const [index, cluster] of best.entries()) {
    const from = fragments.at(-1)?.end ?? 0;
    const to = best[index + 1]?.start ?? text.length;
    fragments.push(around(text, cluster, { start: from, end: to }, length));
  }
  return fragments;
}

function clustersOf(places: readonly TermPlace[], room: number): readonly Cluster[] {
  const clusters: Cluster[] = [];
  let current: { start: number; end: number; terms: Set<string>; words: number } | undefined;
  for (const { term, start, end } of places) {
    // Places overlap in scripts without spaces; those that do stay together.
    if (current !== undefined && (end - current.start <= room || start < current.end)) {
      current.end = Math.max(current.end, end);
      current.terms.add(term);
      current.words++;
    } else clusters.push((current = { start, end, terms: new Set([term]), words: 1 }));
  }
  return clusters;
}

/** The cluster with as much around it as fits, within bounds, cut between words. */
function around(text: string, { start, end }: Span, bounds: Span, length: number): Span {
  const room = Math.max(0, length - (end - start));
  const before = Math.min(start - bounds.start, Math.max(Math.floor(room / 2), room - (bounds.end - end)));
  const after = Math.min(bounds.end - end, room - before);
  return {
    start: before === start ? 0 : startOfWord(text, start - before, start),
    end: end + after === text.length ? text.length : endOfWord(text, end, end + after),
  };
}

/** The first word's start from a place on; the place itself if there are no spaces near, before `end`. */
function startOfWord(text: string, place: number, end: number): number {
  for (let at = place - 1; at < Math.min(end, place + longestWord); at++) {
    if (isSpace(text, at)) return afterSpace(text, at, end);
  }
  let at = place;
  while (at < end && isInCharacter(text, at)) at++;
  return at;
}

function afterSpace(text: string, place: number, end: number): number {
  let at = place;
  while (at < end && isSpace(text, at)) at++;
  return at;
}

/** The last word's end up to a place; the place itself if there are no spaces near, after `start`. */
function endOfWord(text: string, start: number, place: number): number {
  for (let at = place; at >= Math.max(start, place - longestWord); at--) if (isSpace(text, at)) return at;
  let at = place;
  while (at > start && isInCharacter(text, at)) at--;
  return at;
}

const isSpace = (text: string, place: number): boolean => /\s/.test(text[place] ?? "");

/** Marks above and below letters, as in Thai, and what joins emoji. */
const continues = /^[\p{M}\p{Emoji_Modifier}\u200D]/u;
const lowSurrogate = /^[\uDC00-\uDFFF]/;

/** Whether a cut at the place would divide what readers see as one character. */
const isInCharacter = (text: string, place: number): boolean =>
  lowSurrogate.test(text.charAt(place)) || continues.test(text.slice(place, place + 2)) || text[place - 1] === "\u200D";
