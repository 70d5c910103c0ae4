import { z } from "zod";
import { uuid } from "../text.ts";
import { ignored } from "./operation.ts";

/** What an operation is about; each begins with one of these, and says what else it reads. */

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
  parameters: z.object({ library_id: uuid }),
} as const;

export const ofDocument = {
  ...ofLibrary,
  parameters: z.object({ library_id: uuid, document_id: uuid }),
} as const;
