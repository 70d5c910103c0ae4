import type { FilterRecord } from "@arrwdb/protocol/filter";
import type { Metadata } from "@arrwdb/protocol/metadata";

/** What a filter sees of a document. */
export interface DocumentSource {
  readonly documentId: string;
  readonly title: string;
  readonly author: string | null;
  readonly documentType: string | null;
  readonly sourceUrl: string | null;
  readonly tags: readonly string[];
  readonly documentMetadata: Metadata;
  /** Undefined where they are not known, as of a document that was deleted. */
  readonly createdAt: string | undefined;
  readonly updatedAt: string | undefined;
}

/** What a filter sees of a chunk. */
export interface FilterSource extends DocumentSource {
  readonly chunkMetadata: Metadata;
  readonly chunkIndex: number;
  readonly pageNumber: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
}

/**
 * What a filter sees of a chunk: the document's custom metadata, over it the chunk's, over both the standard fields. A
 * standard field that the document does not have leaves custom metadata of the same name in sight.
 */
export function filterRecord(source: FilterSource): FilterRecord {
  return {
    ...source.documentMetadata,
    ...source.chunkMetadata,
    ...standardFields(source),
    page_number: source.pageNumber,
    chunk_index: source.chunkIndex,
  };
}

/** The same of a document as a whole, as its events tell it. */
export function documentRecord(source: DocumentSource): FilterRecord {
  return { ...source.documentMetadata, ...standardFields(source) };
}

function standardFields(source: DocumentSource): FilterRecord {
  return {
    title: source.title,
    ...(source.author === null ? {} : { author: source.author }),
    ...(source.documentType === null ? {} : { document_type: source.documentType }),
    ...(source.sourceUrl === null ? {} : { source_url: source.sourceUrl }),
    ...(source.tags.length === 0 ? {} : { tags: source.tags }),
    ...(source.createdAt === undefined ? {} : { created_at: source.createdAt }),
    ...(source.updatedAt === undefined ? {} : { updated_at: source.updatedAt }),
    source_document_id: source.documentId,
  };
}
