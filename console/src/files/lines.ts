import { limits } from "@arrwdb/protocol/limits";

export interface FileLine {
  /** Counted from 1. */
  readonly number: number;
  /** Undefined if it exceeds the maximum length of a line. */
  readonly text: string | undefined;
  /** Bytes of the file up to and with this line. */
  readonly end: number;
}

/** The file is not text. */
export class BinaryFileError extends Error {
  override readonly name = "BinaryFileError";
}

const lineFeed = 10;

/** The lines of a file, streamed with the memory of one line. @throws BinaryFileError */
export async function* linesOf(file: Blob): AsyncGenerator<FileLine, undefined> {
  const reader = file.stream().getReader();
  let decoder = new TextDecoder("utf-8", { fatal: true });
  let number = 0;
  let offset = 0;
  let text = "";
  let skipping = false;

  const take = (bytes: Uint8Array, more: boolean) => {
    if (bytes.includes(0)) throw new BinaryFileError("This is not a text file: it contains NUL bytes");
    try {
      if (!skipping) text += decoder.decode(bytes, { stream: more });
    } catch (cause) {
      throw new BinaryFileError(`Line ${number + 1} is not valid UTF-8; save the file as UTF-8`, { cause });
    }
    if (text.length <= limits.lineBytes) return;
    skipping = true;
    text = "";
    decoder = new TextDecoder("utf-8", { fatal: true });
  };
  const finish = (end: number): FileLine => {
    number += 1;
    const line = { number, text: skipping ? undefined : text.replace(/\r$/, ""), end };
    text = "";
    skipping = false;
    return line;
  };

  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      let from = 0;
      for (let at = value.indexOf(lineFeed); at !== -1; at = value.indexOf(lineFeed, from)) {
        take(value.subarray(from, at), false);
        yield finish(offset + at + 1);
        from = at + 1;
      }
      take(value.subarray(from), true);
      offset += value.length;
    }
    take(new Uint8Array(), false);
    if (text !== "" || skipping) yield finish(offset);
  } finally {
    reader.cancel().catch(() => undefined);
  }
}
