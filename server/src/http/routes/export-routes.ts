import { Readable } from "node:stream";
import { toArrwError } from "@arrwdb/protocol/errors/errors";
import type { ExportedDocument, ExportLine, ExportSummary } from "@arrwdb/protocol/documents/export";
import { jsonLine } from "@arrwdb/protocol/json/json-line";
import { libraryOperations } from "@arrwdb/protocol/operations/library-operations";
import type { FastifyInstance, FastifyRequest } from "fastify";
import { unlessAborted } from "../../util/abortable.ts";
import { paired } from "../../util/pair-lists.ts";
import type { Libraries } from "../../core/libraries/libraries.ts";
import { type ThreadTurn, ThreadTurns } from "../../scheduling/thread-turns.ts";
import type { HttpContext } from "../http-context.ts";
import { whenClosed } from "../when-closed.ts";
import { route } from "../route.ts";

type OpenExport = Awaited<ReturnType<Libraries["export"]>>;
type StoredDocument = Awaited<ReturnType<OpenExport["next"]>>[number];

/** `GET /v1/libraries/{id}/export`: a library with its vectors as NDJSON, with backpressure. */
export function exportRoutes(app: FastifyInstance, { services, settings }: HttpContext): void {
  const turns = new ThreadTurns();

  route(app, libraryOperations.exportLibrary, async ({ parameters }, request, reply) => {
    if (request.method === "HEAD") {
      await services.libraries.get(parameters.library_id);
      return reply.type("application/x-ndjson").header("cache-control", "no-store").send(Readable.from([]));
    }
    const exported = await services.libraries.export(parameters.library_id);
    const stream = Readable.from(linesOf(exported, turns.open(), request), { objectMode: false });
    stream.once("close", () => exported.end());
    whenClosed(reply.raw, () => exported.end());
    // A client that does not read is disconnected, because an open export keeps the write-ahead log from being truncated.
    reply.raw.setTimeout(settings.stallTimeout, () => reply.raw.destroy());
    return reply.type("application/x-ndjson").header("cache-control", "no-store").send(stream);
  });
}

const line = (value: ExportLine) => jsonLine(value);

async function* linesOf(exported: OpenExport, turn: ThreadTurn, request: FastifyRequest): AsyncGenerator<string> {
  const { library } = exported;
  const counted = { documents: 0, chunks: 0, seq: library.seq };
  yield line({ library });
  try {
    for (;;) {
      const page = await unlessAborted(exported.next(), request.lifetime.signal);
      if (page.length === 0) break;
      for (const stored of page) {
        counted.documents += 1;
        counted.chunks += stored.vectors.length;
        yield line({ document: toExported(stored) });
        // A fast client would otherwise keep other requests from having a turn.
        await turn.next();
      }
    }
    yield line({ summary: counted });
  } catch (error) {
    if (request.lifetime.hungUp.aborted) return;
    yield line({ summary: abortedSummary(counted, error, request) });
  }
}

function toExported({ document, vectors }: StoredDocument): ExportedDocument {
  // Its text is that of its chunks again.
  const { text: _, ...summary } = document;
  const chunks = paired(document.chunks, vectors, "The store").map(([chunk, vector]) => ({
    ...chunk,
    embedding: base64Of(vector),
  }));
  return { ...summary, chunks };
}

function base64Of(vector: Float32Array): string {
  return Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString("base64");
}

/** The response has begun, so an error can only be reported in its last line. */
function abortedSummary(counted: Omit<ExportSummary, "aborted">, error: unknown, request: FastifyRequest) {
  const known = toArrwError(error);
  if (known.code === "internal") request.log.error({ err: error }, "export failed");
  return { ...counted, aborted: { error: known.message, error_code: known.code } };
}
