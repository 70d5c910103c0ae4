/** How large and how long a run is. */
export interface Profile {
  /** Chunks of the comparison. */
  readonly chunks: number;
  /** Sizes at which arrwDB alone is measured. */
  readonly scalingSizes: readonly number[];
  readonly restartChunks: number;
  readonly libraries: number;
  /** Chunks that are ingested while searches are timed. */
  readonly chunksUnderSearch: number;
  /** Paragraphs of real text at the most. */
  readonly texts: number;
  readonly queries: number;
  /** Searches whose answers are compared with the exact ones. */
  readonly recallSearches: number;
  /** Searches after a start and before the memory is read, with and without data alike. */
  readonly settlingSearches: number;
  readonly warmUpMilliseconds: number;
  readonly loadMilliseconds: number;
  readonly rounds: number;
}

export const dimension = 1_024;
export const k = 10;
export const seed = 20_261_123;
/** The recall that a peer's search effort is raised to. */
export const wantedRecall = 0.99;

export const quickProfile: Profile = {
  chunks: 10_000,
  scalingSizes: [1_000, 10_000],
  restartChunks: 10_000,
  libraries: 500,
  chunksUnderSearch: 2_500,
  texts: 200,
  queries: 500,
  recallSearches: 200,
  settlingSearches: 500,
  warmUpMilliseconds: 150,
  loadMilliseconds: 400,
  rounds: 2,
};

export const fullProfile: Profile = {
  chunks: 50_000,
  scalingSizes: [1_000, 10_000, 50_000, 100_000],
  restartChunks: 100_000,
  libraries: 10_000,
  chunksUnderSearch: 20_000,
  texts: 2_000,
  queries: 1_000,
  recallSearches: 300,
  settlingSearches: 2_000,
  warmUpMilliseconds: 1_000,
  loadMilliseconds: 2_500,
  rounds: 3,
};

/** The same, with so many chunks in the comparison and as the largest size of all. */
export function withChunks(profile: Profile, chunks: number): Profile {
  const scalingSizes = [...new Set([1_000, 10_000, 100_000, chunks])].filter((size) => size <= chunks);
  return { ...profile, chunks, scalingSizes: scalingSizes.toSorted((a, b) => a - b), restartChunks: chunks };
}
