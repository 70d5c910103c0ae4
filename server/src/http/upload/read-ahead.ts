import type { Readable } from "node:stream";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { OverflowFile } from "./overflow-file.ts";
import type { SpoolBudget } from "./spool-budget.ts";

/** Bytes of one body that are buffered in memory; the rest is buffered on disk. */
const memoryBytes = 256 * 1024;

/** What is read ahead, and where it is buffered. */
export interface ReadAheadOptions {
  readonly source: Readable;
  /** For the file beyond the memory limit. */
  readonly directory: string;
  /** That all such files share. */
  readonly room: SpoolBudget;
  /** Aborts when the server begins to stop: data read ahead from then on would only be discarded. */
  readonly draining: AbortSignal;
}

/**
 * Reads a body as fast as it arrives, and yields it on demand. Clients and proxies start their time-outs once they have
 * sent everything, and few read a response earlier; so the body is received early, however long its processing takes.
 * If the disk has no space for it, it is read with backpressure.
 */
export class ReadAhead implements AsyncIterable<Uint8Array> {
  /** Resolves when the whole body has arrived; stays pending if it does not. */
  readonly received: Promise<void>;
  readonly #received = Promise.withResolvers<void>();
  readonly #source: AsyncIterator<unknown>;
  readonly #file: OverflowFile;
  readonly #draining: AbortSignal;
  readonly #memory: Uint8Array[] = [];
  #memoryBytes = 0;
  #end: { readonly error?: ArrwError } | undefined;
  #isClosed = false;
  /** While more of the body is awaited, since when, by the steady clock in milliseconds. */
  #waitingSince: number | undefined;
  #changed = Promise.withResolvers<void>();

  constructor({ source, directory, room, draining }: ReadAheadOptions) {
    this.#draining = draining;
    this.received = this.#received.promise;
    // Abandoning the body must not destroy the socket, which the response still needs.
    this.#source = source.iterator({ destroyOnReturn: false });
    this.#file = new OverflowFile(directory, room);
    void this.#fill();
  }

  /** Milliseconds for which the sender has sent nothing, though it could have. */
  get idle(): number {
    return this.#waitingSince === undefined ? 0 : performance.now() - this.#waitingSince;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (;;) {
      const part = this.#memory.shift();
      if (part !== undefined) {
        this.#memoryBytes -= part.length;
        this.#wake();
        yield part;
      } else if (!this.#file.isEmpty) {
        yield await this.#file.take();
        this.#wake();
      } else if (this.#end === undefined) {
        await this.#changed.promise;
      } else {
        if (this.#end.error !== undefined) throw this.#end.error;
        return;
      }
    }
  }

  /** Stops reading, and discards the buffers. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#wake();
    // A pending read may never settle.
    void this.#source.return?.();
    await this.#file.close();
  }

  async #fill(): Promise<void> {
    try {
      while (!this.#isClosed) {
        this.#waitingSince = performance.now();
        const next = await this.#source.next();
        this.#waitingSince = undefined;
        if (next.done === true) {
          this.#received.resolve();
          break;
        }
        if (next.value instanceof Uint8Array) await this.#keep(next.value);
        this.#wake();
      }
      this.#end = {};
    } catch (cause) {
      const message = "The client disconnected before the end of the upload";
      this.#end = { error: new ArrwError("upload_aborted", message, { cause }) };
    } finally {
      this.#waitingSince = undefined;
      this.#wake();
    }
  }

  async #keep(bytes: Uint8Array): Promise<void> {
    const isBehind = !this.#file.isEmpty;
    if (isBehind || this.#memoryBytes >= memoryBytes) {
      if (!this.#draining.aborted && (await this.#file.add(bytes))) return;
      while (!this.#isClosed && !(this.#file.isEmpty && this.#memoryBytes < memoryBytes)) await this.#changed.promise;
    }
    this.#memory.push(bytes);
    this.#memoryBytes += bytes.length;
  }

  #wake(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }
}
