/** What is known of providers' models; any other needs its dimension set. */
export interface KnownModel {
  readonly dimension: number;
  /** Whether the provider supports reduced dimensions. */
  readonly adjustable: boolean;
}

const fixed = (dimension: number): KnownModel => ({ dimension, adjustable: false });
const adjustable = (dimension: number): KnownModel => ({ dimension, adjustable: true });

export const knownModels: ReadonlyMap<string, KnownModel> = new Map([
  ["cohere:embed-english-v3.0", fixed(1024)],
  ["cohere:embed-multilingual-v3.0", fixed(1024)],
  ["cohere:embed-english-light-v3.0", fixed(384)],
  ["cohere:embed-multilingual-light-v3.0", fixed(384)],
  ["cohere:embed-v4.0", adjustable(1536)],
  ["openai:text-embedding-3-small", adjustable(1536)],
  ["openai:text-embedding-3-large", adjustable(3072)],
  ["openai:text-embedding-ada-002", fixed(1536)],
]);

/** The dimensions that Cohere's adjustable models support. */
export const cohereDimensions = [256, 512, 1024, 1536] as const;
export type CohereDimension = (typeof cohereDimensions)[number];
