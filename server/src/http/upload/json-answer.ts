import { Readable } from "node:stream";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors/errors";
import type { IngestionSummary, LineResult } from "@arrwdb/protocol/documents/ingestion";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { HttpSettings } from "../http-context.ts";
import { ResultSpool } from "./result-spool.ts";
import { closeUnlessRead, emptinessOf, settlesWithin, type UploadRun } from "./upload-run.ts";

/**
 * Milliseconds without an answer after the body has arrived, and then between two signs of life. The shortest time-outs
 * in use are about five seconds.
 */
const longestSilence = 1_000;

/**
 * A single JSON response at the end. Until then, a long upload's response consists of its headers and white space,
 * which JSON may begin with: clients and proxies time out on silent responses.
 *
 * Nothing is sent before the body has arrived, as proxies (nginx, those in Go) stop forwarding a request once it has a
 * response; and until something is sent, an error has its own status.
 */
export async function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  run: UploadRun,
  settings: HttpSettings,
): Promise<FastifyReply> {
  const results = new KeptResults(run, settings);
  const finished = run.start((result) => results.add(result), results.enough);
  try {
    await Promise.race([run.received, finished.catch(() => undefined)]);
    const isEarly = !(await settlesWithin(finished, longestSilence));
    if (!isEarly) {
      const error = results.error ?? emptinessOf(await finished);
      if (error !== undefined) throw error;
    }
    closeUnlessRead(request, reply);
    const stream = Readable.from(answer(finished, results), { objectMode: false });
    stream.once("close", () => void results.close());
    // A client that does not read its response must not keep the spool file.
    const limitReading = () => void reply.raw.setTimeout(settings.stallTimeout, () => reply.raw.destroy());
    finished.then(limitReading, limitReading);
    return reply.header("x-accel-buffering", "no").type("application/json; charset=utf-8").send(stream);
  } catch (error) {
    closeUnlessRead(request, reply);
    await results.close();
    throw error;
  }
}

async function* answer(finished: Promise<IngestionSummary>, results: KeptResults): AsyncGenerator<string | Buffer> {
  while (!(await settlesWithin(finished, 0))) {
    yield "\n";
    await settlesWithin(finished, longestSilence);
  }
  const { successful, failed, ...rest } = await finished.then(
    (summary) => results.complete(summary),
    (error: unknown) => results.summaryOf(toArrwError(error)),
  );
  yield `{"successful":${successful},"failed":${failed},"results":[`;
  yield* results.read();
  yield `],${JSON.stringify(rest).slice(1)}`;
}

/** The results of an upload until its response is sent. */
class KeptResults {
  readonly #run: UploadRun;
  readonly #spool: ResultSpool;
  readonly #limit: number;
  readonly #enough = new AbortController();
  readonly #started = performance.now();
  #error: ArrwError | undefined;
  #successful = 0;
  #failed = 0;
  /** That of the last line that was committed. */
  #lastSeq = 0;
  #separator = "";

  constructor(run: UploadRun, { spoolDirectory, spoolLimit }: HttpSettings) {
    this.#run = run;
    this.#spool = new ResultSpool(spoolDirectory);
    this.#limit = spoolLimit;
  }

  /** Aborts when no more results can be kept. */
  get enough(): AbortSignal {
    return this.#enough.signal;
  }

  /** Why results could not be kept, if the disk failed. */
  get error(): ArrwError | undefined {
    return this.#error;
  }

  async add(result: LineResult): Promise<void> {
    if (result.success) this.#successful++;
    else this.#failed++;
    if (result.success) this.#lastSeq = Math.max(this.#lastSeq, result.seq);
    if (this.#error !== undefined || !this.#run.isWanted(result)) return;
    try {
      await this.#spool.add(this.#separator + JSON.stringify(result));
      this.#separator = ",";
      if (this.#spool.total > this.#limit) this.#enough.abort(tooManyResults(this.#limit));
    } catch (error) {
      this.#error = toArrwError(error);
      this.#enough.abort(this.#error);
    }
  }

  /** The summary, with the error that would have been the response if nothing had been sent before. */
  complete(summary: IngestionSummary): IngestionSummary {
    const error = emptinessOf(summary);
    return error === undefined ? summary : { ...summary, aborted: abortedBy(error) };
  }

  /** Of an upload that ended with an error. */
  summaryOf(error: ArrwError): IngestionSummary {
    return {
      successful: this.#successful,
      failed: this.#failed,
      seq: this.#lastSeq === 0 ? this.#run.seq : this.#lastSeq,
      processing_time_ms: Math.round(performance.now() - this.#started),
      aborted: abortedBy(error),
    };
  }

  read(): AsyncGenerator<string | Buffer> {
    return this.#spool.read();
  }

  close(): Promise<void> {
    return this.#spool.close();
  }
}

const abortedBy = ({ message, code }: ArrwError) => ({ error: message, error_code: code });

function tooManyResults(limit: number): ArrwError {
  const message = `The results hold more than ${limit} characters; the rest was not read. Send fewer lines, or stream the receipts with Accept: application/x-ndjson`;
  return new ArrwError("answer_too_large", message);
}
