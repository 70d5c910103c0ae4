import { uuid } from "@arrwdb/protocol/text";
import { validate } from "@arrwdb/protocol/validation";
import type { FastifyRequest } from "fastify";
import { z } from "zod";

const libraryParameters = z.object({ library_id: uuid });
const documentParameters = z.object({ library_id: uuid, document_id: uuid });

export const libraryIdOf = (request: FastifyRequest): string => validate(libraryParameters, request.params).library_id;

export function documentIdsOf(request: FastifyRequest): { libraryId: string; documentId: string } {
  const { library_id, document_id } = validate(documentParameters, request.params);
  return { libraryId: library_id, documentId: document_id };
}
