import { z } from "zod";
import { documentId, libraryReference } from "../text.ts";
import { ignored } from "./operation.ts";

export const libraryId = libraryReference.describe("The id of the library, or its name if no other has it");

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
