import { ThreadDefinition } from "../../../util/typed-thread.ts";
import type { ThreadCalls } from "../threads/thread-client.ts";
import type { ThreadReply } from "../threads/thread-messages.ts";
import type { Library } from "@arrwdb/protocol/documents/model";
import type { ExportedDocument } from "../../library-export.ts";

/** Start parameters of an export's thread. */
export interface ExportThreadSettings {
  readonly directory: string;
  readonly libraryId: string;
}

/** Every operation of an export's thread. */
export interface ExportOperations {
  library: { take: undefined; give: Library };
  next: { take: undefined; give: readonly ExportedDocument[] };
}

export type ExportRequest = ThreadCalls<ExportOperations>[number];

export const exportThread = new ThreadDefinition<ExportThreadSettings, ThreadCalls<ExportOperations>, ThreadReply>(
  new URL("./export-worker.ts", import.meta.url),
);
