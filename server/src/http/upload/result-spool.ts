import { randomUUID } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, rm } from "node:fs/promises";
import { join } from "node:path";
import { ArrwError } from "@arrwdb/protocol/errors/errors";

/** Bytes kept in memory before results go to a file. */
const memoryBytes = 1024 * 1024;

/**
 * Keeps the results of an upload until its end, when the answer can be sent: clients that want one JSON answer send
 * everything before they read. Memory stays bounded however many lines there are.
 */
export class ResultSpool {
  readonly #directory: string;
  #parts: string[] = [];
  #size = 0;
  #total = 0;
  #file: { readonly handle: FileHandle; readonly path: string } | undefined;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Characters that were added in all. */
  get total(): number {
    return this.#total;
  }

  async add(part: string): Promise<void> {
    this.#parts.push(part);
    this.#size += part.length;
    this.#total += part.length;
    if (this.#size > memoryBytes) await this.#flush();
  }

  /** All that was added, in order. */
  async *read(): AsyncGenerator<string | Buffer> {
    if (this.#file !== undefined) {
      await this.#flush();
      for await (const chunk of createReadStream(this.#file.path)) {
        if (typeof chunk === "string" || Buffer.isBuffer(chunk)) yield chunk;
      }
    }
    yield this.#parts.join("");
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    this.#parts = [];
    await file?.handle.close();
    if (file !== undefined) await rm(file.path, { force: true });
  }

  async #flush(): Promise<void> {
    try {
      this.#file ??= await this.#open();
      await this.#file.handle.appendFile(this.#parts.join(""));
    } catch (error) {
      throw spoolError(error);
    }
    this.#parts = [];
    this.#size = 0;
  }

  async #open(): Promise<{ handle: FileHandle; path: string }> {
    await mkdir(this.#directory, { recursive: true });
    const path = join(this.#directory, `results-${randomUUID()}`);
    return { handle: await open(path, "wx", 0o600), path };
  }
}

function spoolError(cause: unknown): Error {
  const isFull = cause instanceof Error && "code" in cause && cause.code === "ENOSPC";
  const what = isFull ? "The disk is full" : "I/O error";
  const message = `${what}: the results could not be buffered, though earlier lines may be committed. Stream the receipts with Accept: application/x-ndjson`;
  return new ArrwError(isFull ? "storage_full" : "storage_failed", message, { cause, retryAfter: 30 });
}
