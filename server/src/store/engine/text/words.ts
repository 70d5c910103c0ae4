/** Words of scripts with spaces; runs of Chinese, Japanese and Korean; runs of scripts that need a dictionary to be split. */
export const runs =
  /(?<characters>[[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{sc=Hangul}]&&[\p{L}\p{M}\p{N}]]+)|(?<unspaced>[[\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]&&[\p{L}\p{M}\p{N}]]+)|[[\p{L}\p{M}\p{N}]--[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{sc=Hangul}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]]+/gv;
export const plainRuns = /[a-z0-9]+/g;

/** Invisible characters: soft hyphens, zero-width spaces and joiners, marks of direction, variation selectors. */
const invisible = /\p{Default_Ignorable_Code_Point}+/gu;

/** Whether a text has characters that are ignored. */
export const hasInvisible = (text: string): boolean => text.search(invisible) !== -1;

export const beyondAscii = /[^\p{ASCII}]/u;
export const ideograph = /\p{Script=Han}/u;
const segmenter = new Intl.Segmenter("th", { granularity: "word" });

/**
 * The words of a text, in lower case and in order, without invisible characters. In scripts without spaces, words are
 * replaced by overlapping pairs of characters (Chinese, Japanese, Korean; single ideographs count too), or split by a
 * dictionary (Thai, Lao, Khmer, Burmese).
 */
export function wordsOf(text: string): readonly string[] {
  const folded = composed(text).toLowerCase();
  if (!beyondAscii.test(folded)) return folded.match(plainRuns) ?? [];
  const words: string[] = [];
  for (const { 0: run, groups } of folded.matchAll(runs)) {
    if (groups?.["characters"] !== undefined) words.push(...pairsOf(run));
    else if (groups?.["unspaced"] !== undefined) words.push(...segmentsOf(run));
    else words.push(run);
  }
  return words;
}

/** The text in compatibility composition, without invisible characters. */
export function composed(text: string): string {
  const normal = text.normalize("NFKC");
  if (!beyondAscii.test(normal) || !hasInvisible(normal)) return normal;
  // The characters on both sides of a removed one may combine.
  return normal.replaceAll(invisible, "").normalize("NFKC");
}

function pairsOf(run: string): readonly string[] {
  const characters = Array.from(run);
  if (characters.length === 1) return characters;
  const pairs = characters.slice(1).map((character, index) => `${characters[index]}${character}`);
  return [...pairs, ...characters.filter((character) => ideograph.test(character))];
}

function segmentsOf(run: string): readonly string[] {
  return Array.from(placedSegmentsOf(run), ({ segment }) => segment);
}

/** The words of a run that a dictionary splits, with their places. */
export const placedSegmentsOf = (run: string): Intl.Segments => segmenter.segment(run);
