/** Characters of one window: about the length up to which the model takes in the whole of a text. */
export const windowLength = 1_000;

/**
 * A long text as windows of at most `windowLength` characters, cut at white space where there is some, and never inside
 * a surrogate pair. The model's tokenizer takes time by the square of the length, so it never sees more than one window.
 */
export function splitWindows(text: string): readonly string[] {
  const windows: string[] = [];
  for (let start = 0; start < text.length;) {
    const end = start + windowLength >= text.length ? text.length : cut(text, start);
    const window = text.slice(start, end);
    if (window.trim() !== "") windows.push(window);
    start = end;
  }
  return windows.length === 0 ? [text.slice(0, windowLength)] : windows;
}

function cut(text: string, start: number): number {
  const limit = start + windowLength;
  for (let end = limit; end > start + windowLength / 2; end--) {
    if (/\s/.test(text[end - 1] ?? "")) return end;
  }
  const code = text.charCodeAt(limit - 1);
  const splitsPair = code >= 0xd800 && code <= 0xdbff;
  return splitsPair ? limit - 1 : limit;
}
