import { Document, type DocumentInterface } from "@langchain/core/documents";
import type { DocumentInput, RankedHit } from "arrwdb-client";

/** What a title may have; one that is longer stays whole in the metadata. */
const longestTitle = 2_000;

/** The title that the metadata has; otherwise the server makes one, which stays out of the metadata. */
function titleOf({ metadata }: DocumentInterface): string | undefined {
  const given: unknown = metadata["title"];
  return typeof given === "string" ? given.slice(0, longestTitle).toWellFormed() : undefined;
}

/** A document of LangChain as arrwDB takes it: one text, found by itself. */
export function toArrw(document: DocumentInterface, id: string | undefined, embedding?: number[]): DocumentInput {
  const { pageContent: text, metadata } = document;
  const { page_number: page, ...rest } = metadata;
  // Loaders of PDF files give one, which arrwDB has a field for.
  const onPage = typeof page === "number" && Number.isInteger(page) ? { page_number: page } : undefined;
  return {
    title: titleOf(document),
    chunks: [{ text, ...onPage, ...(embedding === undefined ? {} : { embedding }) }],
    metadata: onPage === undefined ? { ...metadata } : rest,
    ...(id === undefined ? {} : { id }),
  };
}

/** What the hit says of its document, beside the metadata that it was given. */
export function fromHit({ document, document_id, text, metadata: own }: RankedHit): Document {
  const { title, title_generated: isGenerated, author, document_type, source_url, tags, metadata } = document;
  const known = {
    ...(isGenerated ? {} : { title }),
    ...(author === null ? {} : { author }),
    ...(document_type === null ? {} : { document_type }),
    ...(source_url === null ? {} : { source_url }),
    ...(tags.length === 0 ? {} : { tags }),
    ...(own.page_number === null ? {} : { page_number: own.page_number }),
  };
  return new Document({ id: document_id, pageContent: text, metadata: { ...known, ...metadata } });
}
