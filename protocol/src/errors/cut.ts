/** Characters of the client's own words that an error repeats. */
const shown = 100;

/** The beginning of a client's input, for messages that quote it. */
export function cut(text: string, length: number = shown, mark: string = "…"): string {
  if (text.length <= length) return text;
  // Not between the halves of a surrogate pair.
  const end = /[\ud800-\udbff]/.test(text.charAt(length - 1)) ? length - 1 : length;
  return `${text.slice(0, end)}${mark}`;
}
