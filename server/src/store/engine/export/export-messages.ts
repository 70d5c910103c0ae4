import type { Library } from "@arrwdb/protocol/model";
import type { ExportedDocument } from "../../library-export.ts";

/** What an export's thread is started with. */
export interface ExportThreadSettings {
  readonly directory: string;
  readonly libraryId: string;
}

/** Every operation of an export's thread. */
export interface ExportOperations {
  library: { take: undefined; give: Library };
  next: { take: undefined; give: readonly ExportedDocument[] };
}

export interface ExportRequest {
  readonly id: number;
  readonly operation: keyof ExportOperations;
}
