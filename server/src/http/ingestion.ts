import { PassThrough, Readable } from "node:stream";
import { ArrwError, toArrwError } from "@arrwdb/protocol/errors";
import type { IngestionSummary } from "@arrwdb/protocol/ingestion";
import { documentOperations } from "@arrwdb/protocol/operations/documents";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { IngestionRequest } from "../core/ingestion.ts";
import { wantsNdjson } from "./content.ts";
import type { HttpContext, HttpSettings } from "./context.ts";
import { ResultSpool } from "./result-spool.ts";
import { principalOf } from "./guard.ts";
import { route } from "./route.ts";
import { beforeStall } from "./stall.ts";
import { checkStreamType, readStreamBody } from "./stream-body.ts";

/** `POST /v1/libraries/{id}/documents/stream`: documents in, a receipt a line out. */
export function ingestionRoutes(app: FastifyInstance, { services, settings, access }: HttpContext): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));

  route(app, documentOperations.streamDocuments, async ({ parameters, query, headers }, request, reply) => {
    const libraryId = parameters.library_id;
    checkStreamType(request);
    const body = request.body;
    if (!(body instanceof Readable)) throw emptyBody();
    const { seq } = await services.libraries.get(libraryId);

    const { lifetime } = request;
    const run: Run = (onResult, enough) =>
      services.ingestion.run({
        libraryId,
        seq,
        body: readStreamBody(request, body, settings.stallTimeout),
        idempotencyKey: headers["Idempotency-Key"],
        signal: lifetime.hungUp,
        // What was stored with a key that is revoked meanwhile is still told; nothing more is read, or stored.
        enough: enough === undefined ? lifetime.signal : AbortSignal.any([enough, lifetime.signal]),
        checkAllowed: () => access.checkScope(principalOf(request), "write"),
        onResult: async (result) => {
          if (!result.success || !query.errors_only) await onResult(result);
        },
      });
    if (wantsNdjson(request)) return sendReceipts(request, reply, run, settings.stallTimeout);
    return sendAnswer(request, reply, run, settings);
  });
}

type Run = (onResult: IngestionRequest["onResult"], enough?: AbortSignal) => Promise<IngestionSummary>;

const emptyBody = () => new ArrwError("empty_body", "The body holds no document; send one JSON object a line");

/** What stands in for an answer when not one line could be read. */
function checkNotEmpty(summary: IngestionSummary): void {
  if (summary.successful + summary.failed > 0) return;
  if (summary.aborted === undefined) throw emptyBody();
  throw new ArrwError(summary.aborted.error_code, summary.aborted.error);
}

/** A body that was not read to its end leaves bytes on the connection that nobody will read. */
function closeUnlessRead(request: FastifyRequest, reply: FastifyReply): void {
  if (!request.raw.complete) reply.raw.setHeader("connection", "close");
}

function tooManyResults(limit: number): ArrwError {
  const message = `The results hold more than ${limit} characters; the rest was not read. Send less, or read receipts as they come with Accept: application/x-ndjson`;
  return new ArrwError("answer_too_large", message);
}

/** One JSON answer when all is done. */
async function sendAnswer(
  request: FastifyRequest,
  reply: FastifyReply,
  run: Run,
  { spoolDirectory, spoolLimit, stallTimeout }: HttpSettings,
): Promise<FastifyReply> {
  const spool = new ResultSpool(spoolDirectory);
  const enough = new AbortController();
  let separator = "";
  try {
    const summary = await run(async (result) => {
      await spool.add(separator + JSON.stringify(result));
      separator = ",";
      if (spool.total > spoolLimit) enough.abort(tooManyResults(spoolLimit));
    }, enough.signal);
    checkNotEmpty(summary);
    closeUnlessRead(request, reply);
    const { successful, failed, ...rest } = summary;
    const answer = async function* () {
      yield `{"successful":${successful},"failed":${failed},"results":[`;
      yield* spool.read();
      yield `],${JSON.stringify(rest).slice(1)}`;
    };
    const stream = Readable.from(answer(), { objectMode: false });
    stream.once("close", () => void spool.close());
    // A client that does not read its answer does not keep the file that it waits in.
    reply.raw.setTimeout(stallTimeout, () => reply.raw.destroy());
    return reply.type("application/json; charset=utf-8").send(stream);
  } catch (error) {
    closeUnlessRead(request, reply);
    await spool.close();
    throw error;
  }
}

/** Each receipt the moment its line is durable, then the summary. */
async function sendReceipts(
  request: FastifyRequest,
  reply: FastifyReply,
  run: Run,
  stallTimeout: number,
): Promise<FastifyReply> {
  const output = new PassThrough();
  // An upload that fails before its first receipt is answered with its error, and nobody reads this.
  output.on("error", () => undefined);
  const begun = Promise.withResolvers<void>();
  const write = async (line: unknown) => {
    begun.resolve();
    if (!output.write(`${JSON.stringify(line)}\n`)) await drained(output, stallTimeout);
  };
  const finished = run(write).then(async (summary) => {
    checkNotEmpty(summary);
    await write({ summary });
    output.end();
  });
  finished.catch((error: unknown) => {
    request.log.debug({ err: error }, "upload ended early");
    output.destroy(toArrwError(error));
  });
  // Until the first receipt, an error still has its own status.
  await Promise.race([begun.promise, finished]);
  closeUnlessRead(request, reply);
  return reply.type("application/x-ndjson").send(output);
}

/** Waits for the client to read; one that reads nothing for too long ends its upload. */
async function drained(output: PassThrough, timeout: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  output.once("drain", resolve);
  output.once("close", resolve);
  try {
    await beforeStall(promise, timeout, "No receipt was read");
  } finally {
    output.off("drain", resolve);
    output.off("close", resolve);
  }
}
