import { Readable } from "node:stream";
import { toArrwError } from "@arrwdb/protocol/errors/errors";
import { jsonLine } from "@arrwdb/protocol/json/json-line";
import { documentOperations } from "@arrwdb/protocol/operations/document-operations";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { nameOf } from "../../access/usage-limits.ts";
import { wantsNdjson } from "../body-parsing.ts";
import { callerOf, principalOf } from "../guard.ts";
import type { HttpContext } from "../http-context.ts";
import { route } from "../route.ts";
import { settlesWithin } from "../upload/upload-run.ts";

/** Milliseconds without an answer, and then between two signs of life: clients and proxies time out on silence. */
const longestSilence = 1_000;

/** Routes that write the documents that pass a filter: the result at the end, or a line for each slice. */
export function matchingRoutes(app: FastifyInstance, { services: { documents }, settings, access }: HttpContext): void {
  const contextOf = (request: FastifyRequest) => ({
    caller: nameOf(callerOf(request)),
    signal: request.lifetime.signal,
    checkAllowed: () => access.checkScope(principalOf(request), "write"),
  });
  const answerOf = async <Slice extends object>(
    slices: AsyncGenerator<Slice, void>,
    start: Slice,
    request: FastifyRequest,
    reply: FastifyReply,
  ) => {
    reply.header("x-accel-buffering", "no");
    if (wantsNdjson(request)) {
      // Until the first slice, an error still has its own status.
      const first = await slices.next();
      const progress = new Progress(first.done === true ? start : first.value);
      const stream = Readable.from(linesOf(progress, slices, request), { objectMode: false });
      // A client that does not read its response stops the work.
      reply.raw.setTimeout(settings.stallTimeout, () => reply.raw.destroy());
      return reply.type("application/x-ndjson").send(stream);
    }
    const progress = new Progress(start);
    const finished = progress.follow(slices);
    if (await settlesWithin(finished, longestSilence)) return finished;
    const stream = Readable.from(answer(finished, progress, request), { objectMode: false });
    return reply.type("application/json; charset=utf-8").send(stream);
  };

  route(app, documentOperations.deleteDocuments, ({ parameters, body }, request, reply) => {
    const slices = documents.deleteMatching(parameters.library_id, body, contextOf(request));
    return answerOf(slices, { deleted: 0, seq: 0 }, request, reply);
  });

  route(app, documentOperations.patchDocuments, ({ parameters, body }, request, reply) => {
    const slices = documents.patchMatching(parameters.library_id, body, contextOf(request));
    return answerOf(slices, { patched: 0, failed: 0, seq: 0 }, request, reply);
  });
}

/** What was done so far. */
class Progress<Slice> {
  last: Slice;

  constructor(start: Slice) {
    this.last = start;
  }

  async follow(slices: AsyncIterable<Slice>): Promise<Slice> {
    for await (const slice of slices) this.last = slice;
    return this.last;
  }
}

async function* linesOf<Slice extends object>(
  progress: Progress<Slice>,
  slices: AsyncIterable<Slice>,
  request: FastifyRequest,
): AsyncGenerator<string> {
  try {
    yield jsonLine(progress.last);
    for await (const slice of slices) {
      progress.last = slice;
      yield jsonLine(slice);
    }
    yield jsonLine({ summary: progress.last });
  } catch (error) {
    yield jsonLine({ summary: abortedSummary(progress.last, error, request) });
  }
}

/** White space, which JSON may begin with, until the work has ended. */
async function* answer<Slice extends object>(
  finished: Promise<Slice>,
  progress: Progress<Slice>,
  request: FastifyRequest,
): AsyncGenerator<string> {
  do yield "\n";
  while (!(await settlesWithin(finished, longestSilence)));
  yield JSON.stringify(await finished.catch((error: unknown) => abortedSummary(progress.last, error, request)));
}

/** The response has begun, so an error can only be reported in it. */
function abortedSummary(last: object, error: unknown, request: FastifyRequest): object {
  const known = toArrwError(error);
  if (known.code === "internal" && !request.lifetime.hungUp.aborted)
    request.log.error({ err: error }, "a write by filter failed");
  return { ...last, aborted: { error: known.message, error_code: known.code } };
}
