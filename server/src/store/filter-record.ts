import type { FilterRecord } from "@arrwdb/protocol/filter/filter";
import type { Metadata } from "@arrwdb/protocol/documents/metadata";
import type { DocumentSummary } from "@arrwdb/protocol/documents/model";

/** The fields of a document that filters can test. */
export interface DocumentSource {
  readonly documentId: string;
  readonly title: string;
  readonly author: string | null;
  readonly documentType: string | null;
  readonly sourceUrl: string | null;
  readonly tags: readonly string[];
  readonly documentMetadata: Metadata;
  /** Undefined if unknown, as for a deleted document. */
  readonly createdAt: string | undefined;
  readonly updatedAt: string | undefined;
  readonly expiresAt: string | null | undefined;
}

/** The fields of a chunk that filters can test. */
export interface FilterSource extends DocumentSource {
  readonly chunkMetadata: Metadata;
  readonly chunkIndex: number;
  readonly pageNumber: number | null;
  readonly createdAt: string;
  readonly updatedAt: string;
  readonly expiresAt: string | null;
}

/**
 * Builds the record that filters test for a chunk: the server's fields, and the document's metadata, overridden by the
 * chunk's. A field that the document does not have does not hide metadata of the same name.
 */
export function filterRecord(source: FilterSource): FilterRecord {
  const { documentMetadata, chunkMetadata, pageNumber } = source;
  return {
    server: {
      ...serverFields(source),
      ...(pageNumber === null ? {} : { page_number: pageNumber }),
      chunk_index: source.chunkIndex,
    },
    metadata: Object.keys(chunkMetadata).length === 0 ? documentMetadata : { ...documentMetadata, ...chunkMetadata },
  };
}

/** The same for a whole document, as described by its events. */
export function documentRecord(source: DocumentSource): FilterRecord {
  return { server: serverFields(source), metadata: source.documentMetadata };
}

/** The same, from the document as it is listed. */
export function summaryRecord(summary: DocumentSummary): FilterRecord {
  return documentRecord({
    documentId: summary.id,
    title: summary.title,
    author: summary.author,
    documentType: summary.document_type,
    sourceUrl: summary.source_url,
    tags: summary.tags,
    documentMetadata: summary.metadata,
    createdAt: summary.created_at,
    updatedAt: summary.updated_at,
    expiresAt: summary.expires_at,
  });
}

function serverFields(source: DocumentSource): Metadata {
  const { expiresAt = null } = source;
  return {
    title: source.title,
    ...(source.author === null ? {} : { author: source.author }),
    ...(source.documentType === null ? {} : { document_type: source.documentType }),
    ...(source.sourceUrl === null ? {} : { source_url: source.sourceUrl }),
    ...(source.tags.length === 0 ? {} : { tags: source.tags }),
    ...(source.createdAt === undefined ? {} : { created_at: source.createdAt }),
    ...(source.updatedAt === undefined ? {} : { updated_at: source.updatedAt }),
    ...(expiresAt === null ? {} : { expires_at: expiresAt }),
    source_document_id: source.documentId,
  };
}
