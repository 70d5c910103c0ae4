import { toArrwError } from "@arrwdb/protocol/errors/errors";
import type { DocumentStore, NewDocument, WriteOutcome } from "../../store/document-store.ts";
import type { LibraryDirectory } from "../libraries/library-directory.ts";
import { isModelChange } from "../libraries/with-current-model.ts";
import type { Vectorizer } from "./vectorizer.ts";

/** How often documents are embedded again because their library changes over to another model. */
const mostAttempts = 5;

interface PlacedDocument {
  readonly place: number;
  readonly document: NewDocument;
}

/** Writes documents; those whose library has changed over to another model since they were embedded are embedded again. */
export class VectorRenewal {
  readonly #documents: DocumentStore;
  readonly #directory: LibraryDirectory;
  readonly #vectorizer: Vectorizer;

  constructor(documents: DocumentStore, directory: LibraryDirectory, vectorizer: Vectorizer) {
    this.#documents = documents;
    this.#directory = directory;
    this.#vectorizer = vectorizer;
  }

  /** As `DocumentStore.write`. */
  async write(
    libraryId: string,
    documents: readonly NewDocument[],
    signal: AbortSignal,
  ): Promise<readonly WriteOutcome[]> {
    const outcomes = [...(await this.#documents.write(libraryId, documents))];
    for (let attempt = 1; attempt < mostAttempts && outcomes.some(isStale); attempt++) {
      this.#directory.forget(libraryId);
      const stale = documents.flatMap((document, place) => (isStale(outcomes[place]) ? [{ document, place }] : []));
      const renewed: PlacedDocument[] = [];
      for (const { document, place } of stale) {
        try {
          renewed.push({ place, document: await this.#renew(libraryId, document, signal) });
        } catch (error) {
          outcomes[place] = { error: toArrwError(error) };
        }
      }
      if (renewed.length === 0) break;
      const again = await this.#documents.write(
        libraryId,
        renewed.map(({ document }) => document),
      );
      for (const [position, { place }] of renewed.entries()) outcomes[place] = again[position] ?? expectOutcome();
    }
    return outcomes;
  }

  /** With the vectors of the library's model in place of those of the former one; the client's own stay. */
  async #renew(libraryId: string, document: NewDocument, signal: AbortSignal): Promise<NewDocument> {
    const library = await this.#directory.get(libraryId);
    const texts = document.chunks.flatMap(({ text, model }, index) =>
      model === undefined ? [] : [{ text, field: `chunks[${index}].embedding` }],
    );
    const vectors = (await this.#vectorizer.embed(library, texts, { purpose: "document", signal })).values();
    const chunks = document.chunks.map((chunk) => {
      const vector = chunk.model === undefined ? undefined : vectors.next().value;
      return vector === undefined ? chunk : { ...chunk, vector, model: library.embeddingModel };
    });
    return { ...document, chunks };
  }
}

const isStale = (outcome: WriteOutcome | undefined) =>
  outcome !== undefined && "error" in outcome && isModelChange(outcome.error);

function expectOutcome(): never {
  throw new Error("The store returned no outcome for a document");
}
