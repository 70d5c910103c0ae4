/** One line of a stream; `bytes` is undefined where it is longer than a line may be. */
export interface Line {
  /** From 1; empty lines count but are not given. */
  readonly number: number;
  readonly bytes: Uint8Array | undefined;
}

const newline = 0x0a;

/** Space, tab and carriage return. */
const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/**
 * Splits a stream into lines and holds at most one line of `maxBytes`: a longer one is told of at once and
 * then skipped as it arrives. The last line needs no newline, if the stream ends without an error.
 */
export async function* splitLines(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  let number = 1;
  let parts: Uint8Array[] = [];
  let size = 0;
  let skipping = false;

  for await (const chunk of stream) {
    let start = 0;
    while (start < chunk.length) {
      const end = chunk.indexOf(newline, start);
      const part = chunk.subarray(start, end === -1 ? chunk.length : end);
      start += part.length + 1;
      size += part.length;
      if (!skipping && size > maxBytes) {
        skipping = true;
        parts = [];
        yield { number, bytes: undefined };
      }
      if (!skipping && part.length > 0) parts.push(part);
      if (end === -1) continue;
      if (!skipping) yield* whole(number, parts);
      number++;
      parts = [];
      size = 0;
      skipping = false;
    }
  }
  if (!skipping) yield* whole(number, parts);
}

function* whole(number: number, parts: readonly Uint8Array[]): Generator<Line> {
  const bytes = parts.length === 1 ? parts[0] : Buffer.concat(parts);
  if (bytes !== undefined && !bytes.every(isBlank)) yield { number, bytes };
}
