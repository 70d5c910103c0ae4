import { z } from "zod";
import { documentId, uuid } from "../text.ts";
import { ignored } from "./operation.ts";

const libraryId = uuid.describe("The id of the library");

/** The common part of the operations on one subject; each spreads one of these. */

export const ofServer = {
  ofLibrary: false,
  parameters: ignored,
  query: ignored,
  headers: ignored,
  body: ignored,
} as const;

export const ofLibrary = {
  ...ofServer,
  ofLibrary: true,
  parameters: z.object({ library_id: libraryId }),
} as const;

export const ofDocument = {
  ...ofLibrary,
  parameters: z.object({
    library_id: libraryId,
    document_id: documentId.describe("The id of the document, percent-encoded"),
  }),
} as const;
