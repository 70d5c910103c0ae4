/**
 * Characters of one window. The model takes in 128 tokens and ignores the rest, without a word; English has 5 to 6
 * characters a token. Its tokenizer moreover takes time by the square of the length.
 */
export const windowLength = 500;

/**
 * A long text as windows of at most `windowLength` characters and of about the same length, cut at white space where
 * there is some, and never inside a surrogate pair. Windows of nothing but white space are left out.
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
