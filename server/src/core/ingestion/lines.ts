/** One line of a stream; `bytes` is undefined if it exceeds the maximum length. */
export interface Line {
  /** From 1; empty lines count but are not given. */
  readonly number: number;
  readonly bytes: Uint8Array | undefined;
}

const newline = 0x0a;

/** Space, tab and carriage return. */
const isBlank = (byte: number) => byte === 0x20 || byte === 0x09 || byte === 0x0d;

/** The part of a line that has arrived. */
class LineBuffer {
  #bytes = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Copies the part, so that a line arriving byte by byte takes no more memory than a whole one. */
  append(part: Uint8Array): void {
    const needed = this.#length + part.length;
    if (needed > this.#bytes.length) {
      const larger = Buffer.allocUnsafe(Math.max(needed, this.#bytes.length * 2));
      this.#bytes.copy(larger, 0, 0, this.#length);
      this.#bytes = larger;
    }
    this.#bytes.set(part, this.#length);
    this.#length = needed;
  }

  /** What was appended, and nothing from then on. */
  take(): Uint8Array {
    const bytes = this.#bytes.subarray(0, this.#length);
    this.clear();
    return bytes;
  }

  clear(): void {
    this.#bytes = Buffer.alloc(0);
    this.#length = 0;
  }
}

/**
 * Splits a stream into lines and holds at most one line of `maxBytes`: a longer one is reported at once and then
 * skipped as it arrives. The last line needs no newline, if the stream ends without an error.
 */
export async function* splitLines(stream: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<Line> {
  const begun = new LineBuffer();
  let number = 1;
  let skipping = false;

  for await (const chunk of stream) {
    let start = 0;
    while (start < chunk.length) {
      if (begun.length === 0 && !skipping) {
        const blank = blankLines(chunk, start, maxBytes);
        number += blank.lines;
        start = blank.end;
        if (start === chunk.length) break;
      }
      const end = chunk.indexOf(newline, start);
      const part = chunk.subarray(start, end === -1 ? chunk.length : end);
      start += part.length + 1;
      if (!skipping && begun.length + part.length > maxBytes) {
        skipping = true;
        begun.clear();
        yield { number, bytes: undefined };
      }
      if (end === -1) {
        if (!skipping) begun.append(part);
        continue;
      }
      if (!skipping) yield* whole(number, begun, part);
      number++;
      skipping = false;
    }
  }
  if (!skipping) yield* whole(number, begun, new Uint8Array());
}

/**
 * Counts consecutive blank lines from `start`, and where they end. A compressed body of a few kilobytes may hold
 * millions of them, so this makes no call and no allocation for each.
 */
function blankLines(chunk: Uint8Array, start: number, maxBytes: number): { lines: number; end: number } {
  let lines = 0;
  let end = start;
  for (let index = start; index < chunk.length && index - end <= maxBytes; index++) {
    const byte = chunk[index];
    if (byte === newline) {
      lines++;
      end = index + 1;
    } else if (byte === undefined || !isBlank(byte)) break;
  }
  return { lines, end };
}

/** The line that ends with this part, unless it is empty. */
function* whole(number: number, begun: LineBuffer, part: Uint8Array): Generator<Line> {
  let bytes = part;
  if (begun.length > 0) {
    begun.append(part);
    bytes = begun.take();
  }
  if (!bytes.every(isBlank)) yield { number, bytes };
}
