import { foldedPlaces } from "./folded-places.ts";
import { beyondAscii, ideograph, placedSegmentsOf, plainRuns, runs } from "./words.ts";

/** A word as the index has it, and its place in the text: from `start` to before `end`. */
export interface WordPlace {
  readonly word: string;
  readonly start: number;
  readonly end: number;
}

/** The words of `wordsOf`, in the order of their places, which overlap in scripts without spaces. */
export function wordPlaces(text: string): readonly WordPlace[] {
  const folded = foldedPlaces(text);
  if (folded === undefined) return [];
  const { starts, ends } = folded;
  const places = wordsInFolded(folded.text);
  if (starts === undefined || ends === undefined) return places;
  return places.map(({ word, start, end }) => ({ word, start: starts[start] ?? 0, end: ends[end - 1] ?? 0 }));
}

function wordsInFolded(folded: string): readonly WordPlace[] {
  const places: WordPlace[] = [];
  const add = (word: string, start: number): void => {
    places.push({ word, start, end: start + word.length });
  };
  if (!beyondAscii.test(folded)) {
    for (const { 0: word, index } of folded.matchAll(plainRuns)) add(word, index);
    return places;
  }
  for (const { 0: run, groups, index } of folded.matchAll(runs)) {
    if (groups?.["characters"] !== undefined) addPairs(run, index, add);
    else if (groups?.["unspaced"] !== undefined) {
      for (const { segment, index: at } of placedSegmentsOf(run)) add(segment, index + at);
    } else add(run, index);
  }
  return places;
}

/** Pairs of characters, and single ideographs; or the only character. */
function addPairs(run: string, start: number, add: (word: string, start: number) => void): void {
  let before = "";
  let at = start;
  for (const character of run) {
    if (before !== "") add(`${before}${character}`, at - before.length);
    if (character.length === run.length || ideograph.test(character)) add(character, at);
    before = character;
    at += character.length;
  }
}
