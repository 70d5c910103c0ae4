import { type Batch, Batches, type BatchSettings, type DocumentSource } from "./batches.ts";
import { type BatchOutcome, uploadBatch, type UploadSettings } from "./batch-upload.ts";
import type { Http } from "../requests/http.ts";
import type { RequestOptions } from "../options.ts";
import { unlessAborted } from "../waiting.ts";
import type { LineResult } from "../wire.ts";

export interface IngestOptions extends RequestOptions {
  /** Maximum number of documents per request. Default is 256. */
  readonly batchDocuments?: number | undefined;
  /** Maximum bytes of JSON per request. Default is 1 MiB. */
  readonly batchBytes?: number | undefined;
  /** Maximum time in ms that a document waits for others to share its request. Default is 50. */
  readonly batchDelay?: number | undefined;
  /** Concurrent requests. Default is 2. */
  readonly inFlight?: number | undefined;
  /**
   * A name for the ingestion, at most 200 visible ASCII characters. The same documents in the same order under the same
   * name are stored once, however often the program restarts, for 24 hours. `batchDelay` then has no effect.
   */
  readonly idempotencyKey?: string | undefined;
  /** Maximum attempts for a document whose failure is `retryable`. Default is 5. */
  readonly attempts?: number | undefined;
}

export const batchSettingsOf = (options: IngestOptions): BatchSettings => ({
  documents: options.batchDocuments ?? 256,
  bytes: options.batchBytes ?? 1024 * 1024,
  // A retry must have the same batches as the first attempt.
  delay: options.idempotencyKey === undefined ? (options.batchDelay ?? 50) : Number.POSITIVE_INFINITY,
});

interface Underway {
  readonly ids: ReadonlySet<string>;
  readonly outcome: Promise<BatchOutcome>;
}

const idsOf = (batch: Batch) => new Set(batch.flatMap(({ id }) => id ?? []));

/** What the source returned: a batch, its end, or its error. */
type Pulled = { readonly batch: Batch | undefined } | { readonly error: unknown };

type IngestionSettings = Omit<UploadSettings, "signal"> & {
  readonly inFlight: number;
  readonly batches: BatchSettings;
  readonly signal: AbortSignal | undefined;
};

/**
 * Stores documents as they arrive, and yields a result for each, in order. Reads the source only as results are
 * consumed.
 *
 * @throws the source's error, after the results of what came before it; the signal's reason; `ArrwClientError` if the
 *   whole upload is refused, such as `library_not_found`
 */
export async function* ingest(
  http: Http,
  source: DocumentSource,
  { signal, inFlight, batches: batchSettings, ...settings }: IngestionSettings,
): AsyncGenerator<LineResult, undefined> {
  const left = new AbortController();
  const abort = () => left.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener("abort", abort, { once: true });
  const batches = new Batches(source, batchSettings);
  const underway: Underway[] = [];
  let pulling: Promise<Pulled> | undefined;
  let held: Batch | undefined;
  let end: Pulled | undefined;

  const send = (batch: Batch) => {
    const outcome = uploadBatch(http, batch, { ...settings, signal: left.signal });
    // Awaited in order later, or never if the reader leaves.
    outcome.catch(() => undefined);
    underway.push({ ids: idsOf(batch), outcome });
  };
  /** Two requests run concurrently, so a document that replaces another must wait until that is stored. */
  const mayGo = (batch: Batch) => underway.every(({ ids }) => ids.isDisjointFrom(idsOf(batch)));

  try {
    for (;;) {
      if (held !== undefined && mayGo(held)) {
        send(held);
        held = undefined;
      }
      if (end === undefined && held === undefined && underway.length < inFlight) {
        pulling ??= batches.next().then(
          (batch): Pulled => ({ batch }),
          (error: unknown): Pulled => ({ error }),
        );
      }
      const next = await unlessAborted(Promise.race(waitedFor(underway[0], pulling)), left.signal);
      if (next === undefined) break;
      if ("results" in next) {
        underway.shift();
        yield* next.results;
        if (next.error !== undefined) throw next.error;
        continue;
      }
      pulling = undefined;
      if ("error" in next || next.batch === undefined) end = next;
      else held = next.batch;
    }
    if (end !== undefined && "error" in end) throw end.error;
  } finally {
    signal?.removeEventListener("abort", abort);
    left.abort();
    batches.end();
  }
}

/** Resolves with the first of these to settle; undefined if there are none. */
function waitedFor(first: Underway | undefined, pulling: Promise<Pulled> | undefined) {
  const promises: Promise<BatchOutcome | Pulled | undefined>[] = [];
  if (first !== undefined) promises.push(first.outcome);
  if (pulling !== undefined) promises.push(pulling);
  return promises.length === 0 ? [Promise.resolve(undefined)] : promises;
}
