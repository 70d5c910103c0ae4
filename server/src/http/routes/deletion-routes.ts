import { Readable } from "node:stream";
import type { DocumentsDeleted } from "@arrwdb/protocol/documents/document-deletions";
import { toArrwError } from "@arrwdb/protocol/errors/errors";
import { jsonLine } from "@arrwdb/protocol/json/json-line";
import { documentOperations } from "@arrwdb/protocol/operations/document-operations";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { nameOf } from "../../access/usage-limits.ts";
import { wantsNdjson } from "../body-parsing.ts";
import { callerOf, principalOf } from "../guard.ts";
import type { HttpContext } from "../http-context.ts";
import { route } from "../route.ts";
import { settlesWithin } from "../upload/upload-run.ts";

/** Milliseconds without an answer, and then between two signs of life: clients and proxies time out on silence. */
const longestSilence = 1_000;

/** `POST .../documents/delete`: the result at the end, or a line for each slice. */
export function deletionRoutes(app: FastifyInstance, { services: { documents }, settings, access }: HttpContext): void {
  route(app, documentOperations.deleteDocuments, async ({ parameters, body }, request, reply) => {
    const slices = documents.deleteMatching(parameters.library_id, body, {
      caller: nameOf(callerOf(request)),
      signal: request.lifetime.signal,
      checkAllowed: () => access.checkScope(principalOf(request), "write"),
    });
    reply.header("x-accel-buffering", "no");
    if (wantsNdjson(request)) {
      // Until the first slice, an error still has its own status.
      const first = await slices.next();
      const start = first.done === true ? { deleted: 0, seq: 0 } : first.value;
      const stream = Readable.from(linesOf(start, slices, request), { objectMode: false });
      // A client that does not read its response stops the deletion.
      reply.raw.setTimeout(settings.stallTimeout, () => reply.raw.destroy());
      return reply.type("application/x-ndjson").send(stream);
    }
    const progress = new Progress();
    const finished = progress.follow(slices);
    if (await settlesWithin(finished, longestSilence)) return finished;
    const stream = Readable.from(answer(finished, progress, request), { objectMode: false });
    return reply.type("application/json; charset=utf-8").send(stream);
  });
}

/** What a deletion has done so far. */
class Progress {
  last: DocumentsDeleted = { deleted: 0, seq: 0 };

  async follow(slices: AsyncIterable<DocumentsDeleted>): Promise<DocumentsDeleted> {
    for await (const slice of slices) this.last = slice;
    return this.last;
  }
}

async function* linesOf(
  start: DocumentsDeleted,
  slices: AsyncIterable<DocumentsDeleted>,
  request: FastifyRequest,
): AsyncGenerator<string> {
  let last = start;
  try {
    yield jsonLine(start);
    for await (const slice of slices) {
      last = slice;
      yield jsonLine(slice);
    }
    yield jsonLine({ summary: last });
  } catch (error) {
    yield jsonLine({ summary: abortedSummary(last, error, request) });
  }
}

/** White space, which JSON may begin with, until the deletion has ended. */
async function* answer(
  finished: Promise<DocumentsDeleted>,
  progress: Progress,
  request: FastifyRequest,
): AsyncGenerator<string> {
  do yield "\n";
  while (!(await settlesWithin(finished, longestSilence)));
  yield JSON.stringify(await finished.catch((error: unknown) => abortedSummary(progress.last, error, request)));
}

/** The response has begun, so an error can only be reported in it. */
function abortedSummary(last: DocumentsDeleted, error: unknown, request: FastifyRequest): DocumentsDeleted {
  const known = toArrwError(error);
  if (known.code === "internal" && !request.lifetime.hungUp.aborted)
    request.log.error({ err: error }, "a deletion failed");
  return { ...last, aborted: { error: known.message, error_code: known.code } };
}
