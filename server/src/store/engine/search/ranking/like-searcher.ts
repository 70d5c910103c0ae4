import { shownDocumentId } from "@arrwdb/protocol/documents/document-id";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { normalize } from "@arrwdb/protocol/documents/vector";
import type { Like } from "@arrwdb/protocol/search/like";
import { finish, type Steps } from "../../../../scheduling/steps.ts";
import type { LikeSearch, VectorSearch } from "../../../search-store.ts";
import type { SpaceVectors } from "../../rows/vectors-table.ts";
import type { DocumentsTable } from "../../rows/documents-table.ts";
import type { LibraryRow } from "../../rows/libraries-table.ts";
import type { Rankings } from "./rankings.ts";
import type { Searcher, SearchTables } from "./searcher.ts";

/** Maximum of vectors read and added up per step, and of their components. */
const vectorsAtOnce = 512;
const componentsAtOnce = 256 * 1024;

export interface LikeSearchTables extends SearchTables {
  readonly documents: DocumentsTable;
}

/** A search by likeness as one by vector, and the keys of the chunks of what it names. */
export interface Likeness {
  readonly search: VectorSearch;
  readonly own: ReadonlySet<number>;
}

interface LikeRankings extends Likeness {
  readonly rankings: Rankings;
}

/** Searches by likeness. The vector is that of the state that is searched. */
export class LikeSearcher {
  readonly #tables: LikeSearchTables;
  readonly #searcher: Searcher;

  constructor(tables: LikeSearchTables, searcher: Searcher) {
    this.#tables = tables;
    this.#searcher = searcher;
  }

  /** @throws ArrwError `document_not_found`, `chunk_not_found`; `validation_failed` if the mean has no direction */
  *search(libraryId: string, { mode: _mode, like, k, ...asked }: LikeSearch): Steps<LikeRankings> {
    const row = this.#tables.libraries.find(libraryId);
    const own = this.#chunksOf(row, like);
    const vector = new Float32Array(row.library.dimension);
    // Its own chunks, which are left out below, may be the nearest.
    const search = { ...asked, vector, k: k + own.length };
    const mean = setMean(vector, own, this.#tables.chunks.inSpace(row.space));
    const isMuch = own.length > atOnce(vector);
    if (!isMuch) finish(mean);
    const rankings = yield* this.#searcher.rankInSteps(libraryId, [search], isMuch ? mean : undefined);
    const keys = new Set(own);
    const answers = rankings.answers.map((ranking) => ({
      ...ranking,
      chosen: ranking.chosen.filter(({ key }) => !keys.has(key)).slice(0, k),
    }));
    return { search, own: keys, rankings: { ...rankings, answers } };
  }

  #chunksOf(row: LibraryRow, like: Like): readonly number[] {
    if ("document_id" in like) {
      const document = this.#tables.documents.find(row.key, like.document_id);
      if (document !== undefined) return this.#tables.chunks.keysOfDocument(document.key);
      const message = `like.document_id: the library has no document ${shownDocumentId(like.document_id)}`;
      throw new ArrwError("document_not_found", message, { field: "like.document_id" });
    }
    const chunk = this.#tables.chunks.keyOf(row.key, like.chunk_id);
    if (chunk !== undefined) return [chunk];
    const message = `like.chunk_id: the library has no chunk ${like.chunk_id}; name its document, as replacing one gives its chunks new ids`;
    throw new ArrwError("chunk_not_found", message, { field: "like.chunk_id" });
  }
}

const atOnce = ({ length }: Float32Array): number => Math.min(vectorsAtOnce, Math.floor(componentsAtOnce / length));

/** Sets a vector to the mean of those of some chunks, scaled to length 1. */
function* setMean(mean: Float32Array, keys: readonly number[], vectors: SpaceVectors): Steps<void> {
  const sum = new Float64Array(mean.length);
  const most = atOnce(mean);
  for (const [place, key] of keys.entries()) {
    const vector = vectors.vector(key);
    if (vector === undefined) throw new Error(`Chunk ${key} has no vector`);
    for (let index = 0; index < sum.length; index++) sum[index] = (sum[index] ?? 0) + (vector[index] ?? 0);
    if (place % most === most - 1) yield;
  }
  const unit = normalize(sum);
  if (unit !== undefined) return mean.set(unit);
  const message =
    "like.document_id: the vectors of the document's chunks cancel each other out; name one of its chunks";
  throw new ArrwError("validation_failed", message, { field: "like.document_id" });
}
