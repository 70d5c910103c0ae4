import { computed, signal } from "@preact/signals";
import type { DocumentInput, LineResult } from "arrwdb-client";
import { documentsOf, type FileEntry, kindOf } from "../files/documents.ts";
import { refreshLibraries } from "./libraries.ts";
import { client, isAbort, noteError } from "./server.ts";

/** Receipts, and failed lines, of an upload that are shown; all are counted. */
const shown = { receipts: 50, failures: 200 };
/** Uploads that are remembered. */
const remembered = 20;
/** Milliseconds between two pictures of an upload. */
const frame = 100;

export interface FailedLine {
  readonly line: number;
  readonly reason: string;
}

export interface Upload {
  readonly key: number;
  readonly libraryId: string;
  readonly name: string;
  readonly size: number;
  /** Bytes of the file whose documents have been answered. */
  readonly done: number;
  readonly stored: number;
  readonly chunks: number;
  readonly failed: number;
  /** The newest ones, newest first. */
  readonly receipts: readonly { readonly line: number; readonly title: string; readonly seq: number }[];
  /** The first ones. */
  readonly failures: readonly FailedLine[];
  readonly state: "running" | "done" | "stopped";
  /** Why it ended before its end. */
  readonly error: string | undefined;
  readonly startedAt: number;
  readonly endedAt: number | undefined;
}

const all = signal<readonly Upload[]>([]);
const controllers = new Map<number, AbortController>();
let nextKey = 1;

/** The uploads of this page, the newest first. */
export const uploads = computed(() => all.value);

const set = (upload: Upload) => {
  all.value = all.value.map((one) => (one.key === upload.key ? upload : one));
};

export function stopUpload(key: number): void {
  controllers.get(key)?.abort();
}

/** Streams files into a library, one after the other. */
export async function uploadFiles(libraryId: string, files: readonly File[]): Promise<void> {
  for (const file of files) {
    const unreadable = kindOf(file.name) === undefined;
    const source = unreadable ? undefined : documentsOf(file);
    if (source === undefined) {
      const error = "Supported files are .ndjson, .jsonl, .md and .txt; rename the file if it is one of these.";
      tellFailed(libraryId, file.name, error);
    } else await run(begin(libraryId, file.name, file.size), source);
  }
}

/** Reports an upload that could not start. */
export function tellFailed(libraryId: string, name: string, error: string): void {
  set({ ...begin(libraryId, name, 0), state: "stopped", error, endedAt: performance.now() });
}

/** Streams documents that the page has itself. */
export async function uploadDocuments(
  libraryId: string,
  name: string,
  documents: readonly DocumentInput[],
): Promise<void> {
  async function* entries(): AsyncGenerator<FileEntry, undefined> {
    for (const [index, document] of documents.entries()) yield { line: index + 1, end: index + 1, document };
  }
  await run(begin(libraryId, name, documents.length), entries());
}

function begin(libraryId: string, name: string, size: number): Upload {
  const upload: Upload = {
    key: nextKey++,
    libraryId,
    name,
    size,
    done: 0,
    stored: 0,
    chunks: 0,
    failed: 0,
    receipts: [],
    failures: [],
    state: "running",
    error: undefined,
    startedAt: performance.now(),
    endedAt: undefined,
  };
  all.value = [upload, ...all.value].slice(0, remembered);
  return upload;
}

async function run(upload: Upload, entries: AsyncGenerator<FileEntry, undefined>): Promise<void> {
  const tally = new Tally(upload);
  const controller = new AbortController();
  controllers.set(upload.key, controller);
  const timer = setInterval(() => set(tally.upload), frame);
  try {
    const source = tally.documentsOf(entries);
    const results = client.value
      .library(upload.libraryId)
      .ingest(source, { signal: controller.signal, batchDocuments: 64 });
    for await (const result of results) tally.answered(result);
    tally.end("done", undefined);
  } catch (error) {
    tally.end("stopped", isAbort(error) ? "Stopped. Documents stored so far are kept." : noteError(error));
  } finally {
    clearInterval(timer);
    controllers.delete(upload.key);
    set(tally.upload);
    void refreshLibraries();
  }
}

/** Counts the results of an upload's lines, and keeps those that are shown. */
class Tally {
  /** Documents in progress, by their index among those sent. */
  readonly #underway = new Map<number, FileEntry>();
  #sent = 0;
  #upload: Upload;

  constructor(upload: Upload) {
    this.#upload = upload;
  }

  get upload(): Upload {
    return this.#upload;
  }

  /** The documents of a file; invalid ones are counted as failed, and not sent. */
  async *documentsOf(entries: AsyncGenerator<FileEntry, undefined>): AsyncGenerator<DocumentInput, undefined> {
    for await (const entry of entries) {
      if ("fault" in entry) this.#fail({ line: entry.line, reason: entry.fault });
      else {
        this.#sent += 1;
        this.#underway.set(this.#sent, entry);
        yield entry.document;
      }
    }
  }

  answered(result: LineResult): void {
    const entry = this.#underway.get(result.line);
    this.#underway.delete(result.line);
    const line = entry?.line ?? result.line;
    const upload = this.#upload;
    if (result.success) {
      const receipts = [{ line, title: result.title, seq: result.seq }, ...upload.receipts].slice(0, shown.receipts);
      const [stored, chunks] = [upload.stored + 1, upload.chunks + result.num_chunks];
      this.#upload = { ...upload, receipts, stored, chunks };
    } else this.#fail({ line, reason: result.error });
    this.#upload = { ...this.#upload, done: Math.max(upload.done, entry?.end ?? 0) };
  }

  end(state: "done" | "stopped", error: string | undefined): void {
    const done = state === "done" ? this.#upload.size : this.#upload.done;
    this.#upload = { ...this.#upload, done, state, error, endedAt: performance.now() };
  }

  #fail(failure: FailedLine): void {
    const { failures, failed } = this.#upload;
    // A line refused by the page itself may be reported before earlier lines that were sent.
    const kept = [...failures, failure].toSorted((a, b) => a.line - b.line).slice(0, shown.failures);
    this.#upload = { ...this.#upload, failures: kept, failed: failed + 1 };
  }
}
