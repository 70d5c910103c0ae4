import { searchMode, searchResponse, type SearchMode } from "@arrwdb/protocol/search/search";
import { createLibrary, post, upload } from "../support/server.ts";
import type { Collection } from "./collection.ts";
import { ndcg } from "./ndcg.ts";

export const modes = searchMode.options;
const depth = 10;

export interface Relevance {
  readonly documents: number;
  readonly questions: number;
  /** Mean nDCG@10 of each mode. */
  readonly means: Readonly<Record<SearchMode, number>>;
  /** Hybrid beside the better of the other two. */
  readonly ratio: number;
}

/** Uploads a collection, asks its questions in each mode, and compares with what people judged. */
export async function measureRelevance(
  url: string,
  { documents, questions, judgements }: Collection,
  onDocuments: (count: number) => void = () => undefined,
): Promise<Relevance> {
  const libraryId = await createLibrary(url);
  for (let start = 0; start < documents.length; start += 100) {
    const some = documents.slice(start, start + 100);
    await upload(
      url,
      libraryId,
      some.map(({ id, title, text }) => ({ title, text, collection_id: id })),
    );
    onDocuments(some.length);
  }
  const judged = questions.filter(({ id }) => judgements.has(id));
  const mean = async (mode: SearchMode) => {
    let sum = 0;
    for (const { id, text } of judged) {
      const response = await post(`${url}/v1/libraries/${libraryId}/search`, { query: text, mode, k: depth });
      if (!response.ok) throw new Error(`A search was answered with ${response.status}: ${await response.text()}`);
      const { results } = searchResponse.parse(await response.json());
      const found = results.map(({ document }) => {
        const known = document?.metadata?.["collection_id"];
        return typeof known === "string" ? known : "";
      });
      sum += ndcg(found, judgements.get(id) ?? new Map<string, number>(), depth);
    }
    return sum / judged.length;
  };
  const means = { vector: await mean("vector"), text: await mean("text"), hybrid: await mean("hybrid") };
  const ratio = means.hybrid / Math.max(means.vector, means.text);
  return { documents: documents.length, questions: judged.length, means, ratio };
}
