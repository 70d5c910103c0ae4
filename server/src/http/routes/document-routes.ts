import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { cut } from "@arrwdb/protocol/errors/cut";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { DocumentInput } from "@arrwdb/protocol/documents/model";
import { documentOperations } from "@arrwdb/protocol/operations/document-operations";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { HttpContext } from "../http-context.ts";
import { nameOf } from "../../access/usage-limits.ts";
import { callerOf, principalOf } from "../guard.ts";
import { route } from "../route.ts";

export function documentRoutes(app: FastifyInstance, { services: { documents }, access }: HttpContext): void {
  const write = async (
    request: FastifyRequest,
    reply: FastifyReply,
    { libraryId, input, documentId }: { libraryId: string; input: DocumentInput; documentId?: string },
  ) => {
    if (documentId !== undefined && input.id !== undefined && input.id !== documentId) {
      const message = `id: ${shownDocumentId(cut(input.id))} differs from the id in the URL, ${shownDocumentId(cut(documentId))}; omit it`;
      throw new ArrwError("validation_failed", message, { field: "id" });
    }
    const prepared = await documents.prepare(libraryId, input, request.lifetime.signal);
    const { document, created } = await documents.write(libraryId, { ...prepared, id: documentId ?? prepared.id }, () =>
      access.checkScope(principalOf(request), "write"),
    );
    const location = `/v1/libraries/${libraryId}/documents/${encodeURIComponent(document.id)}`;
    if (created) reply.code(201).header("location", location);
    return { document, seq: document.seq };
  };

  route(app, documentOperations.addDocument, ({ parameters, body }, request, reply) =>
    write(request, reply, { libraryId: parameters.library_id, input: body }),
  );

  route(app, documentOperations.putDocument, ({ parameters, body }, request, reply) =>
    write(request, reply, {
      libraryId: parameters.library_id,
      input: body,
      documentId: parameters.document_id,
    }),
  );

  route(app, documentOperations.listDocuments, ({ parameters, query: { id: ids, ...query } }, request) =>
    documents.list(parameters.library_id, { ids, ...query }, nameOf(callerOf(request)), request.lifetime.signal),
  );

  route(app, documentOperations.queryDocuments, ({ parameters, body }, request) =>
    documents.list(parameters.library_id, body, nameOf(callerOf(request)), request.lifetime.signal),
  );

  route(app, documentOperations.countDocuments, ({ parameters, body }, request) =>
    documents.count(parameters.library_id, body, nameOf(callerOf(request)), request.lifetime.signal),
  );

  route(app, documentOperations.getDocument, ({ parameters: { library_id, document_id }, query }) =>
    documents.get(library_id, document_id, query),
  );

  route(app, documentOperations.patchDocument, ({ parameters: { library_id, document_id }, body }) =>
    documents.patch(library_id, document_id, body),
  );

  route(
    app,
    documentOperations.deleteDocument,
    async ({ parameters: { library_id, document_id }, query }, { body }) => {
      refuseCondition(body);
      return { deleted: true, document_id, seq: await documents.delete(library_id, document_id, query.if_seq) };
    },
  );
}

/** A deletion's body is ignored, but not what would have prevented it. */
function refuseCondition(body: unknown): void {
  if (typeof body !== "object" || body === null || !("if_seq" in body)) return;
  const message = "if_seq: belongs in the query string of a deletion, not in its body";
  throw new ArrwError("validation_failed", message, { field: "if_seq" });
}
