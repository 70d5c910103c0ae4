import { ArrwError } from "@arrwdb/protocol/errors";
import type { DocumentInput } from "@arrwdb/protocol/model";
import { documentOperations } from "@arrwdb/protocol/operations/documents";
import type { FastifyInstance, FastifyReply } from "fastify";
import type { HttpContext } from "./context.ts";
import { requestSignal } from "./request-signal.ts";
import { route } from "./route.ts";

export function documentRoutes(app: FastifyInstance, { services: { documents } }: HttpContext): void {
  const write = async (reply: FastifyReply, libraryId: string, input: DocumentInput, documentId?: string) => {
    if (documentId !== undefined && input.id !== undefined && input.id !== documentId) {
      const message = `id: ${input.id} is not the id in the address, ${documentId}; leave it out`;
      throw new ArrwError("validation_failed", message, { field: "id" });
    }
    const prepared = await documents.prepare(libraryId, input, requestSignal(reply));
    const { document, created } = await documents.write(libraryId, { ...prepared, id: documentId ?? prepared.id });
    if (created) reply.code(201).header("location", `/v1/libraries/${libraryId}/documents/${document.id}`);
    return { document, seq: document.seq };
  };

  route(app, documentOperations.addDocument, ({ parameters, body }, _request, reply) =>
    write(reply, parameters.library_id, body),
  );

  route(app, documentOperations.putDocument, ({ parameters, body }, _request, reply) =>
    write(reply, parameters.library_id, body, parameters.document_id),
  );

  route(app, documentOperations.listDocuments, async ({ parameters, query }) => {
    const page = await documents.list(parameters.library_id, query);
    return { documents: page.items, next_cursor: page.nextCursor, seq: page.seq };
  });

  route(app, documentOperations.getDocument, ({ parameters: { library_id, document_id } }) =>
    documents.get(library_id, document_id),
  );

  route(app, documentOperations.deleteDocument, async ({ parameters: { library_id, document_id } }) => {
    return { deleted: true, document_id, seq: await documents.delete(library_id, document_id) };
  });
}
