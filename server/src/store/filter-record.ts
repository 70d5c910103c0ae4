import type { FilterRecord } from "@arrwdb/protocol/filter";
import type { Metadata } from "@arrwdb/protocol/metadata";

export interface FilterSource {
  readonly documentId: string;
  readonly title: string;
  readonly author: string | null;
  readonly documentType: string | null;
  readonly sourceUrl: string | null;
  readonly tags: readonly string[];
  readonly documentMetadata: Metadata;
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
    title: source.title,
    ...(source.author === null ? {} : { author: source.author }),
    ...(source.documentType === null ? {} : { document_type: source.documentType }),
    ...(source.sourceUrl === null ? {} : { source_url: source.sourceUrl }),
    ...(source.tags.length === 0 ? {} : { tags: source.tags }),
    created_at: source.createdAt,
    updated_at: source.updatedAt,
    page_number: source.pageNumber,
    chunk_index: source.chunkIndex,
    source_document_id: source.documentId,
  };
}
