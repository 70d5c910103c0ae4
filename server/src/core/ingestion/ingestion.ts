import type { ErrorCode } from "@arrwdb/protocol/errors/error-table";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { IngestionSummary, LineResult, Receipt } from "@arrwdb/protocol/documents/ingestion";
import { limits } from "@arrwdb/protocol/limits";
import { documentInput } from "@arrwdb/protocol/documents/model";
import { toFailure } from "@arrwdb/protocol/errors/problem";
import { validate } from "@arrwdb/protocol/errors/validation";
import { v7 as uuidv7 } from "uuid";
import type { NewDocument, WriteOutcome, WrittenDocument } from "../../store/document-store.ts";
import type { StoredReceipt } from "../../store/upload-store.ts";
import { abortable, whenAborted } from "../../util/abortable.ts";
import { noMonitor, type Monitor } from "../../telemetry/monitor.ts";
import type { ByteBudget } from "../../scheduling/byte-budget.ts";
import type { Documents } from "../documents/documents.ts";
import { parseJson } from "../../util/json.ts";
import { type Line, splitLines } from "./lines.ts";
import { OrderedQueue } from "../../scheduling/ordered-queue.ts";
import { type ThreadTurn, ThreadTurns } from "../../scheduling/thread-turns.ts";
import type { UploadStore } from "../../store/upload-store.ts";
import { Resumption } from "./resumption.ts";

/**
 * Lines of one upload that are parsed or embedded ahead of the commit; enough to use every core, or all parallel calls
 * of a provider.
 */
const linesInFlight = 512;
/** Documents per call to the store. */
const documentsPerCommit = 64;

export interface IngestionRequest {
  readonly libraryId: string;
  /** The library's position when the upload began. */
  readonly seq: number;
  /** The decoded body. An `ArrwError` that it throws ends the upload with that reason. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Makes it an upload that can be sent again: lines that were committed with this key are answered, not stored. */
  readonly idempotencyKey?: string | undefined;
  readonly signal: AbortSignal;
  /** Ends the reading with its reason, an `ArrwError`; lines already read are still committed and reported. */
  readonly enough?: AbortSignal | undefined;
  /** Throws if the uploader may no longer write; checked before each commit. */
  readonly checkAllowed?: (() => void) | undefined;
  /** Called once for each line, in order, when it is durable or refused. The upload waits for it. */
  readonly onResult: (result: LineResult) => Promise<void>;
}

/** What an upload needs of the documents. */
export type IngestionDocuments = Pick<Documents, "prepare" | "writeAll">;

type LineOutcome = { readonly document: NewDocument } | Exclude<WriteOutcome, { readonly value: unknown }>;

/** A pending line: a document ready to be written, or the reason why it need not or will not be. */
interface Prepared {
  readonly line: number;
  readonly outcome: LineOutcome;
  readonly release: () => void;
}

/** What uploads are done with. */
export interface IngestionOptions {
  readonly documents: IngestionDocuments;
  /** Receipts of uploads that can be sent again. */
  readonly uploads: UploadStore;
  /** Bytes that all uploads together may hold. */
  readonly budget: ByteBudget;
  readonly monitor?: Monitor;
}

/**
 * Streams documents in: line -> validate -> embed -> commit, in the order of the lines. It reads only as fast as it
 * commits: what is in flight is bounded by lines for one upload, and by bytes for all uploads together. Uploads at the
 * same time share the bytes and the model evenly.
 */
export class Ingestion {
  readonly #documents: IngestionDocuments;
  readonly #uploads: UploadStore;
  readonly #budget: ByteBudget;
  readonly #monitor: Monitor;
  readonly #turns = new ThreadTurns();

  constructor({ documents, uploads, budget, monitor = noMonitor }: IngestionOptions) {
    this.#documents = documents;
    this.#uploads = uploads;
    this.#budget = budget;
    this.#monitor = monitor;
  }

  /**
   * Resolves when `onResult` was called for every line read. Rejects only if `onResult` or `signal` does, or if an
   * upload with a key cannot begin.
   */
  async run(request: IngestionRequest): Promise<IngestionSummary> {
    const { libraryId, idempotencyKey } = request;
    const resumption =
      idempotencyKey === undefined ? undefined : await Resumption.begin(this.#uploads, libraryId, idempotencyKey);
    const turn = this.#turns.open();
    const upload = new Upload({
      documents: this.#documents,
      budget: this.#budget,
      monitor: this.#monitor,
      request,
      resumption,
      turn,
    });
    this.#monitor.uploads(1);
    try {
      return await upload.run();
    } finally {
      this.#monitor.uploads(-1);
    }
  }
}

/** The dependencies of one upload. */
interface UploadOptions {
  readonly documents: IngestionDocuments;
  readonly budget: ByteBudget;
  readonly monitor: Monitor;
  readonly request: IngestionRequest;
  /** What an earlier attempt at it has stored. */
  readonly resumption: Resumption | undefined;
  /** Lets others have the thread. */
  readonly turn: ThreadTurn;
}

class Upload {
  readonly #documents: IngestionDocuments;
  readonly #budget: ByteBudget;
  readonly #monitor: Monitor;
  readonly #request: IngestionRequest;
  readonly #resumption: Resumption | undefined;
  /** Distinguishes a document sent twice in this upload from a retry. */
  readonly #uploadId: string;
  readonly #queue = new OrderedQueue<Prepared>(linesInFlight);
  /** Stops reading when writing cannot continue, and cancels pending embeddings. */
  readonly #stop = new AbortController();
  readonly #signal: AbortSignal;
  readonly #started = performance.now();
  readonly #turn: ThreadTurn;
  /** Consecutive lines that were refused because of their content. */
  #badLines = 0;
  #successful = 0;
  #failed = 0;
  #lastSeq = 0;
  #aborted: ArrwError | undefined;

  constructor({ documents, budget, monitor, request, resumption, turn }: UploadOptions) {
    this.#turn = turn;
    this.#documents = documents;
    this.#budget = budget;
    this.#monitor = monitor;
    this.#request = request;
    this.#resumption = resumption;
    this.#uploadId = resumption?.uploadId ?? uuidv7();
    this.#signal = AbortSignal.any([request.signal, this.#stop.signal]);
  }

  async run(): Promise<IngestionSummary> {
    const { enough, signal } = this.#request;
    // No caller is left to receive a result.
    const end = (reason: unknown) => signal.aborted || this.#end(toArrwError(reason));
    const leave = enough === undefined ? undefined : whenAborted(enough, end);
    const [read, written] = await Promise.allSettled([this.#read(), this.#write()]);
    leave?.();
    if (written.status === "rejected") throw written.reason;
    if (read.status === "rejected") throw read.reason;
    const aborted = this.#aborted;
    return {
      successful: this.#successful,
      failed: this.#failed,
      seq: this.#lastSeq === 0 ? this.#request.seq : this.#lastSeq,
      processing_time_ms: Math.round(performance.now() - this.#started),
      ...(aborted === undefined ? {} : { aborted: { error: aborted.message, error_code: aborted.code } }),
    };
  }

  /** Takes lines in and starts preparing each, until the body or the upload ends. */
  async #read(): Promise<void> {
    try {
      for await (const line of splitLines(abortable(this.#request.body, this.#signal), limits.lineBytes)) {
        this.#monitor.lineRead(line.bytes?.length ?? 0);
        const release = await this.#budget.take(this, line.bytes?.length ?? 0, this.#signal);
        const preparing = this.#prepare(line).then((outcome): Prepared => ({ line: line.number, outcome, release }));
        await this.#queue.push(preparing, this.#signal);
        // Rejected lines need no waiting, so without this other work would have no turn.
        await this.#turn.next();
        this.#signal.throwIfAborted();
      }
    } catch (error) {
      this.#request.signal.throwIfAborted();
      if (this.#stop.signal.aborted) return;
      this.#aborted = toArrwError(error);
    } finally {
      this.#queue.end();
    }
  }

  async #prepare(line: Line): Promise<LineOutcome> {
    try {
      if (line.bytes === undefined) {
        const message = `The line is longer than ${limits.lineBytes} bytes; split the document`;
        throw new ArrwError("line_too_large", message);
      }
      const recalled = await this.#resumption?.recall(line.number, line.bytes);
      if (recalled !== undefined && "replayed" in recalled) return recalled;
      const value = parseJson(line.bytes, "The line");
      const input = validate(documentInput, value);
      const document = await this.#documents.prepare(this.#request.libraryId, input, this.#signal, this);
      return { document: { ...document, uploadId: this.#uploadId, ...recalled } };
    } catch (error) {
      return { error: toArrwError(error) };
    }
  }

  /** Commits lines that are ready, in order, and reports each line's result. */
  async #write(): Promise<void> {
    try {
      for (;;) {
        const batch = await this.#queue.take(documentsPerCommit);
        if (batch.length === 0) return;
        try {
          this.#request.signal.throwIfAborted();
          await this.#commit(batch);
        } finally {
          for (const prepared of batch) prepared.release();
        }
      }
    } catch (error) {
      this.#stop.abort(error);
      throw error;
    } finally {
      await this.#queue.discard((prepared) => prepared.release());
    }
  }

  async #commit(batch: readonly Prepared[]): Promise<void> {
    const documents = batch.flatMap(({ outcome }) => ("document" in outcome ? [outcome.document] : []));
    const written = (await this.#writeAll(documents)).values();
    for (const { line, outcome } of batch) {
      const settled = "document" in outcome ? written.next().value : outcome;
      await this.#report(this.#resultOf(line, settled));
      await this.#turn.next();
    }
  }

  /** A failure of the whole call is the failure of each document in it. */
  async #writeAll(documents: readonly NewDocument[]): Promise<readonly WriteOutcome[]> {
    if (documents.length === 0) return [];
    try {
      this.#request.checkAllowed?.();
      return await this.#documents.writeAll(this.#request.libraryId, documents, this.#request.signal);
    } catch (error) {
      return documents.map(() => ({ error: toArrwError(error) }));
    }
  }

  #resultOf(line: number, outcome: WriteOutcome | undefined): LineResult {
    if (outcome === undefined || "error" in outcome) {
      const error = this.#deletedMeanwhile(toArrwError(outcome?.error));
      return { line, ...toFailure(error) };
    }
    const receipt = "replayed" in outcome ? replayOf(outcome.replayed) : receiptOf(line, outcome.value);
    this.#lastSeq = Math.max(this.#lastSeq, receipt.seq);
    return receipt;
  }

  /** The library existed when the upload began, so `library_not_found` means that it was deleted: the upload ends. */
  #deletedMeanwhile(error: ArrwError): ArrwError {
    if (error.code !== "library_not_found") return error;
    const deleted = new ArrwError("library_deleted", "The library was deleted while the upload was in progress");
    this.#end(deleted);
    return deleted;
  }

  /** Stops reading; results of lines already read are still sent. */
  #end(reason: ArrwError): void {
    this.#aborted ??= reason;
    this.#stop.abort(reason);
  }

  async #report(result: LineResult): Promise<void> {
    if (result.success) this.#successful++;
    else this.#failed++;
    if (!result.success) this.#monitor.failed("line", result.error_code);
    this.#monitor.lineAnswered(outcomeOf(result));
    this.#badLines = result.success || !lineErrors.has(result.error_code) ? 0 : this.#badLines + 1;
    if (this.#badLines === limits.badLinesInARow) this.#end(tooManyBadLines());
    await this.#request.onResult(result);
  }
}

/** Errors caused by a line's content, which would fail at any time for any client. */
const lineErrors: ReadonlySet<ErrorCode> = new Set([
  "malformed_json",
  "validation_failed",
  "line_too_large",
  "dimension_mismatch",
  "text_not_searchable",
]);

function tooManyBadLines(): ArrwError {
  const message = `${limits.badLinesInARow} consecutive lines were rejected; the rest was not read. Send one JSON document per line`;
  return new ArrwError("validation_failed", message);
}

const outcomeOf = (result: LineResult) => {
  if (!result.success) return "failed";
  return result.replayed === true ? "replayed" : "stored";
};

function receiptOf(line: number, { document }: WrittenDocument): Receipt {
  const { id, title, title_generated, num_chunks, seq } = document;
  return { success: true, line, document_id: id, title, title_generated, num_chunks, seq };
}

function replayOf({ line, documentId, title, titleGenerated, numChunks, seq }: StoredReceipt): Receipt {
  const stored = { document_id: documentId, title, title_generated: titleGenerated, num_chunks: numChunks, seq };
  return { success: true, line, ...stored, replayed: true };
}
