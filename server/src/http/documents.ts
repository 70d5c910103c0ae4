import { ArrwError } from "@arrwdb/protocol/errors";
import { documentInput, documentQuery, pageQuery } from "@arrwdb/protocol/model";
import { validate } from "@arrwdb/protocol/validation";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { HttpContext } from "./context.ts";
import { documentIdsOf, libraryIdOf } from "./parameters.ts";
import { requestSignal } from "./request-signal.ts";

export function documentRoutes(app: FastifyInstance, { services: { documents } }: HttpContext): void {
  const write = async (reply: FastifyReply, libraryId: string, body: unknown, documentId?: string) => {
    const input = validate(documentInput, body);
    if (documentId !== undefined && input.id !== undefined && input.id !== documentId) {
      const message = `id: ${input.id} is not the id in the address, ${documentId}; leave it out`;
      throw new ArrwError("validation_failed", message, { field: "id" });
    }
    const prepared = await documents.prepare(libraryId, input, requestSignal(reply));
    const { document, created } = await documents.write(libraryId, { ...prepared, id: documentId ?? prepared.id });
    if (created) reply.code(201).header("location", `/v1/libraries/${libraryId}/documents/${document.id}`);
    return { document, seq: document.seq };
  };

  app.post("/v1/libraries/:library_id/documents", (request, reply) => write(reply, libraryIdOf(request), request.body));

  app.put("/v1/libraries/:library_id/documents/:document_id", (request, reply) => {
    const { libraryId, documentId } = documentIdsOf(request);
    return write(reply, libraryId, request.body, documentId);
  });

  app.get("/v1/libraries/:library_id/documents", async (request) => {
    const page = await documents.list(libraryIdOf(request), validate(pageQuery, request.query));
    return { documents: page.items, next_cursor: page.nextCursor, seq: page.seq };
  });

  app.get("/v1/libraries/:library_id/documents/:document_id", async (request) => {
    const { libraryId, documentId } = documentIdsOf(request);
    return documents.get(libraryId, documentId, validate(documentQuery, request.query));
  });

  app.delete("/v1/libraries/:library_id/documents/:document_id", async (request) => {
    const { libraryId, documentId } = documentIdsOf(request);
    return { deleted: true, document_id: documentId, seq: await documents.delete(libraryId, documentId) };
  });
}
