/**
 * Characters of one window. The model silently ignores input after 128 tokens; English has 5 to 6 characters per token.
 * Besides, its tokenizer takes quadratic time.
 */
export const windowLength = 500;

/**
 * Splits a long text into windows of at most `windowLength` characters and about equal length, at white space if there
 * is some, and never inside a surrogate pair. Blank windows are omitted.
 */
export function splitWindows(text: string): readonly string[] {
  const windows: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = cut(text, start);
    const window = text.slice(start, end);
    if (/\S/.test(window)) windows.push(window);
    start = end;
  }
  return windows.length === 0 ? [text.slice(0, windowLength)] : windows;
}

/** The end of the window that begins at `start`. */
function cut(text: string, start: number): number {
  const rest = text.length - start;
  if (rest <= windowLength) return text.length;
  const share = Math.ceil(rest / Math.ceil(rest / windowLength));
  const limit = start + share;
  for (let end = limit; end > start + share / 2; end--) {
    if (/\s/.test(text[end - 1] ?? "")) return end;
  }
  const code = text.charCodeAt(limit - 1);
  const splitsPair = code >= 0xd800 && code <= 0xdbff;
  return splitsPair ? limit - 1 : limit;
}
