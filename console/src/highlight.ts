export interface Part {
  readonly text: string;
  readonly marked: boolean;
}

/** Words that occur in every text and distinguish none. */
const common = new Set(
  "a an and are as at be by can do does for from has have how i in is it my of on or our that the this to was we what when where which who why will with you your".split(
    " ",
  ),
);

/** Endings of English words that a word of the query may lack, or have instead. */
const ending = /(?:ing|edly|ed|es|s|ly|ies|y|ment|ation|e)$/;

/** Two words that differ in their ending alone are the same here. */
function stem(word: string): string {
  const small = word.toLowerCase();
  const bare = small.replace(ending, "").replace(/([^aeiou])\1$/, "$1");
  // What is left of a short word is no word any more: "ring" is no form of "rs".
  return bare.length > 2 ? bare : small;
}

const words = /[\p{L}\p{N}]+/gu;

/** The text in parts, with words of the query marked. */
export function highlight(text: string, query: string): readonly Part[] {
  const wanted = new Set(
    (query.match(words) ?? []).filter((word) => !common.has(word.toLowerCase())).map((word) => stem(word)),
  );
  const parts: Part[] = [];
  let plain = 0;
  for (const { 0: word, index } of text.matchAll(words)) {
    if (!wanted.has(stem(word))) continue;
    if (index > plain) parts.push({ text: text.slice(plain, index), marked: false });
    parts.push({ text: word, marked: true });
    plain = index + word.length;
  }
  if (plain < text.length) parts.push({ text: text.slice(plain), marked: false });
  return parts;
}
