import type { DocumentSummary, Library } from "@arrwdb/protocol/documents/model";
import type { LibraryEvent } from "@arrwdb/protocol/events/events";
import type { NewChunk } from "../../document-store.ts";

/** A chunk whose id was decided elsewhere. */
export interface IdentifiedChunk extends NewChunk {
  readonly id: string;
}

/** A change of one document, decided elsewhere. */
export type ReplicaChange =
  | {
      readonly type: "put";
      readonly summary: DocumentSummary;
      /** The position at which the document was first added, which orders lists. */
      readonly added: number;
      readonly chunks: readonly IdentifiedChunk[];
    }
  /** Fields of a document; its chunks stay. */
  | { readonly type: "patch"; readonly summary: DocumentSummary }
  /** Removes what the document was before a position; later writes of it stay. */
  | { readonly type: "remove"; readonly documentId: string; readonly seq: number };

/** What leads a replica of a library from its position to a later one, as a whole. */
export interface ReplicaStep {
  /** The library as of the step's end. Its position moves only once all changes up to there have been applied. */
  readonly library: Library;
  readonly changes: readonly ReplicaChange[];
  /** Whether it is one of several that lead through states which the library never had; the last of them too. */
  readonly isPartial: boolean;
  /** Events that are published once the step is visible, in order; documents of live queries are shown as they tell. */
  readonly events: readonly LibraryEvent[];
}
