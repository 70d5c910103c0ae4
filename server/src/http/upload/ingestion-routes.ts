import { Readable } from "node:stream";
import { documentOperations } from "@arrwdb/protocol/operations/document-operations";
import type { FastifyInstance } from "fastify";
import { wantsNdjson } from "../body-parsing.ts";
import type { HttpContext } from "../http-context.ts";
import { principalOf } from "../guard.ts";
import { route } from "../route.ts";
import { sendAnswer } from "./json-answer.ts";
import { ReadAhead } from "./read-ahead.ts";
import { sendReceipts } from "./send-receipts.ts";
import { emptyBody, type UploadRun } from "./upload-run.ts";
import { SpoolBudget } from "./spool-budget.ts";
import { checkStreamType, readStreamBody } from "./stream-body.ts";

/** Bytes of bodies that wait on the disk, of all uploads together. */
const roomForBodies = 1024 * 1024 * 1024;

/** `POST /v1/libraries/{id}/documents/stream`: documents in, a receipt a line out. */
export function ingestionRoutes(app: FastifyInstance, { services, settings, access }: HttpContext): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
  const room = new SpoolBudget(roomForBodies);

  route(app, documentOperations.streamDocuments, async ({ parameters, query, headers }, request, reply) => {
    const libraryId = parameters.library_id;
    checkStreamType(request);
    const source = request.body;
    if (!(source instanceof Readable)) throw emptyBody();
    const { seq } = await services.libraries.get(libraryId);

    const body = new ReadAhead({ source, directory: settings.spoolDirectory, room, draining: settings.draining });
    const { lifetime } = request;
    const start: UploadRun["start"] = async (onResult, enough) => {
      try {
        return await services.ingestion.run({
          libraryId,
          seq,
          body: readStreamBody(request, body, settings.stallTimeout),
          idempotencyKey: headers["Idempotency-Key"],
          signal: lifetime.hungUp,
          // If the key is revoked meanwhile, receipts of stored lines are still sent; nothing more is read or stored.
          enough: enough === undefined ? lifetime.signal : AbortSignal.any([enough, lifetime.signal]),
          checkAllowed: () => access.checkScope(principalOf(request), "write"),
          onResult,
        });
      } finally {
        await body.close();
      }
    };
    const run: UploadRun = {
      start,
      isWanted: (result) => !result.success || !query.errors_only,
      received: body.received,
      idle: () => body.idle,
      seq,
    };
    return wantsNdjson(request)
      ? sendReceipts(request, reply, run, settings)
      : sendAnswer(request, reply, run, settings);
  });
}
