import type { Transform } from "node:stream";

/** What zlib's streams are, for us. */
export interface Decompressor extends Transform {
  /** Bytes that it took as its own; those behind the end of what it decodes are not among them. */
  readonly bytesWritten: number;
}

/**
 * Gives the engine a chunk, and yields what it makes of it, as fast as that is taken.
 *
 * @returns how many bytes it took; fewer than there are where its stream ended within them.
 */
export async function* feed(engine: Decompressor, chunk: Uint8Array): AsyncGenerator<Uint8Array, number> {
  const before = engine.bytesWritten;
  const taken = Promise.withResolvers<void>();
  yield* output(engine, taken, () => engine.write(chunk, () => taken.resolve()));
  return engine.bytesWritten - before;
}

/** Tells the engine that nothing more comes, and yields the rest. Throws where its stream was cut short. */
export async function* finish(engine: Decompressor): AsyncGenerator<Uint8Array> {
  const ended = Promise.withResolvers<void>();
  engine.once("end", ended.resolve);
  yield* output(engine, ended, () => engine.end());
}

/** What comes out of the engine until the work is done, and then the error that it ended with, if any. */
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
