import { generatedTitle } from "@arrwdb/protocol/documents/generated-title";
import { mergePatch } from "@arrwdb/protocol/documents/merge-patch";
import { metadataFault } from "@arrwdb/protocol/documents/metadata";
import type { DocumentSummary } from "@arrwdb/protocol/documents/model";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { fieldPath } from "@arrwdb/protocol/errors/field-path";
import { stringifyExactly } from "@arrwdb/protocol/json/exact-json";
import type { DocumentPatch } from "./document-store.ts";

interface PatchedParts {
  /** Its first text, for a generated title. */
  readonly firstText: () => string;
  /** When it expires after the patch. */
  readonly expiresAt: string | null;
}

/**
 * The document with the patch applied; undefined if that changes nothing.
 *
 * @param document what the server knows of it
 * @throws ArrwError `validation_failed` if the merged metadata is larger than a document's may be
 */
export function patchSummary(
  summary: DocumentSummary,
  patch: DocumentPatch,
  document: PatchedParts,
): DocumentSummary | undefined {
  const { title, author, documentType, sourceUrl, tags } = patch;
  const metadata = mergePatch(patch.clearsMetadata ? {} : summary.metadata, patch.metadata);
  const fault = metadataFault(metadata, ["metadata"]);
  if (fault !== undefined) {
    const field = fieldPath(fault.path);
    throw new ArrwError("validation_failed", `${field}: ${fault.message}, after the patch`, { field });
  }
  const patched = {
    ...summary,
    title: title === undefined ? summary.title : (title ?? generatedTitle(document.firstText())),
    title_generated: title === undefined ? summary.title_generated : title === null,
    author: author === undefined ? summary.author : author,
    document_type: documentType === undefined ? summary.document_type : documentType,
    source_url: sourceUrl === undefined ? summary.source_url : sourceUrl,
    tags: tags === undefined ? summary.tags : [...tags],
    metadata,
    expires_at: document.expiresAt,
  };
  return stringifyExactly(patched) === stringifyExactly(summary) ? undefined : patched;
}
