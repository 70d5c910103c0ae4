import type { Transform } from "node:stream";

/** What zlib's streams are, for us. */
export interface Decompressor extends Transform {
  /** Bytes consumed; those after the end of the stream are not included. */
  readonly bytesWritten: number;
}

/**
 * Passes a chunk to the decoder, and yields its output with backpressure.
 *
 * @returns the number of bytes consumed; fewer than the chunk has if the stream ended within it
 */
export async function* feed(engine: Decompressor, chunk: Uint8Array): AsyncGenerator<Uint8Array, number> {
  const before = engine.bytesWritten;
  const taken = Promise.withResolvers<void>();
  yield* output(engine, taken, () => engine.write(chunk, () => taken.resolve()));
  return engine.bytesWritten - before;
}

/** Signals the end of the input, and yields the rest. Throws if the stream was truncated. */
export async function* finish(engine: Decompressor): AsyncGenerator<Uint8Array> {
  const ended = Promise.withResolvers<void>();
  engine.once("end", ended.resolve);
  yield* output(engine, ended, () => engine.end());
}

/** The decoder's output until the work is done, and then its error, if any. */
async function* output(
  engine: Decompressor,
  work: PromiseWithResolvers<void>,
  begin: () => void,
): AsyncGenerator<Uint8Array> {
  let over = false;
  const settled = work.promise.finally(() => (over = true));
  const done = settled.catch(() => undefined);
  engine.once("error", work.reject);
  begin();
  try {
    for (;;) {
      const part: unknown = engine.read();
      if (part instanceof Uint8Array) yield part;
      else if (over) return await settled;
      else await Promise.race([readable(engine), done]);
    }
  } finally {
    engine.off("error", work.reject);
  }
}

function readable(engine: Decompressor): Promise<void> {
  return new Promise((resolve) => engine.once("readable", resolve));
}
