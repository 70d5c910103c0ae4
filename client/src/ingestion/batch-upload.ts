import { Backoff, type BackoffSettings } from "../connection/backoff.ts";
import type { Batch } from "./batches.ts";
import { ArrwClientError, toClientError, type WireFailure } from "../errors.ts";
import { abortedError } from "../requests/aborted-error.ts";
import type { Http } from "../requests/http.ts";
import type { RequestOptions } from "../options.ts";
import { pause } from "../waiting.ts";
import type { LineResult } from "../wire.ts";

export interface UploadSettings {
  /** The address of the library's stream. */
  readonly path: string;
  readonly reconnect: BackoffSettings;
  /** Identifies the ingestion that the batch belongs to, if it can be restarted. */
  readonly idempotencyKey: string | undefined;
  /** How often a line is tried if its failure is retryable, such as a provider's rate limit. */
  readonly lineAttempts: number;
  /** Milliseconds without a sign of life after which an attempt counts as failed. */
  readonly timeout: RequestOptions["timeout"];
  readonly signal: AbortSignal;
}

/** What became of a batch: the results in order, and why there are not more, if so. */
export interface BatchOutcome {
  readonly results: readonly LineResult[];
  readonly error?: ArrwClientError;
}

interface Summary {
  readonly aborted?: WireFailure | undefined;
}

/** The result of one attempt: whether the response was complete, and the server's error if it was not. */
interface Attempt {
  readonly results: ReadonlyMap<number, LineResult>;
  readonly error: ArrwClientError | undefined;
}

/**
 * Stores one batch with retries: an attempt that is cut off is repeated under the same `Idempotency-Key`, so that the
 * server returns the first receipt for what was stored and nothing is stored twice. Lines that have a result are sent
 * blank, so each attempt continues where the last one ended.
 *
 * @throws the signal's reason
 */
export async function uploadBatch(http: Http, batch: Batch, settings: UploadSettings): Promise<BatchOutcome> {
  const lines = batch.flatMap(({ json }) => (typeof json === "string" ? json : []));
  const key = keyOf(batch, settings.idempotencyKey);
  const backoff = new Backoff(settings.reconnect);
  const results = new Map<number, LineResult>();
  /** Attempts whose response was complete. */
  let answers = 0;
  if (lines.length === 0) return outcomeOf(batch, results);
  for (;;) {
    const body = lines.map((json, index) => (isSettled(results.get(index + 1)) ? "\n" : `${json}\n`)).join("");
    const asked = new Set(lines.flatMap((_, index) => (isSettled(results.get(index + 1)) ? [] : index + 1)));
    const { results: received, error } = await tryBatch(http, { body, asked }, key, settings);
    for (const [line, result] of received) results.set(line, result);
    if (error?.code === "protocol") return outcomeOf(batch, results, error);
    if (lines.every((_, index) => isSettled(results.get(index + 1)))) return outcomeOf(batch, results);
    if (error?.retryable === false) return outcomeOf(batch, results, error);
    if (error === undefined) answers += 1;
    if ([...received.values()].some(({ success }) => success)) backoff.reset();
    const delay = backoff.next();
    if (delay === undefined || answers >= settings.lineAttempts) {
      return outcomeOf(batch, results, error ?? missingResults(lines.length, results));
    }
    await pause(Math.max(delay, (error?.retryAfter ?? 0) * 1_000), settings.signal);
  }
}

/** Each batch is an upload of its own; its place in the ingestion is that of its first document. */
const keyOf = ([first]: Batch, ingestion: string | undefined): string =>
  ingestion === undefined || first === undefined ? crypto.randomUUID() : `${ingestion}.${first.line}`;

/** Whether nothing else can become of the line. */
const isSettled = (result: LineResult | undefined): boolean =>
  result !== undefined && (result.success || !result.retryable);

/** The error if the server's response was complete but did not cover every line. */
function missingResults(lines: number, results: ReadonlyMap<number, LineResult>): ArrwClientError | undefined {
  if (results.size === lines) return undefined;
  return new ArrwClientError("protocol", `The response to the upload has ${results.size} results for ${lines} lines`);
}

/** The body to send, and its lines that need a result; the others are blank. */
interface Sent {
  readonly body: string;
  readonly asked: ReadonlySet<number>;
}

async function tryBatch(http: Http, { body, asked }: Sent, key: string, settings: UploadSettings): Promise<Attempt> {
  const { path, signal, timeout } = settings;
  const results = new Map<number, LineResult>();
  let summary: Summary | undefined;
  let stray: number | undefined;
  const headers = {
    "content-type": "application/x-ndjson",
    accept: "application/x-ndjson",
    "idempotency-key": key,
  };
  try {
    await http.upload(path, { body, headers, signal, timeout }, (value) => {
      const line: LineResult | { readonly summary: Summary } = Object(value);
      if ("summary" in line) summary = line.summary;
      else if (!asked.has(line.line) || results.has(line.line)) stray ??= line.line;
      else results.set(line.line, line);
    });
  } catch (error) {
    signal.throwIfAborted();
    return { results, error: toClientError(error, "The upload") };
  }
  if (stray !== undefined) {
    const fault = results.has(stray) ? `line ${stray} twice` : `line ${stray}, which was not sent`;
    return { results, error: new ArrwClientError("protocol", `The response to the upload has ${fault}`) };
  }
  if (summary === undefined) {
    return { results, error: new ArrwClientError("network", "The response to the upload was cut off") };
  }
  return { results, error: summary.aborted === undefined ? undefined : abortedError(summary.aborted) };
}

/** The results with the lines' places in the source, including documents that could not be serialized. */
function outcomeOf(batch: Batch, sent: ReadonlyMap<number, LineResult>, error?: ArrwClientError): BatchOutcome {
  const results: LineResult[] = [];
  let sentLine = 0;
  for (const { line, json } of batch) {
    if (json instanceof ArrwClientError) {
      const failure = { error: json.message, error_code: "validation_failed", retryable: false } as const;
      results.push({ line, success: false, ...failure });
      continue;
    }
    sentLine += 1;
    const result = sent.get(sentLine);
    if (result !== undefined) results.push({ ...result, line });
  }
  return error === undefined ? { results } : { results, error };
}
