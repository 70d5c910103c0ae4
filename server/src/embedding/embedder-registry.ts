import type { Embedder } from "./embedder.ts";

/** The embedding models of this server. */
export interface EmbedderRegistry {
  /** The model of libraries that name none. */
  readonly default: Embedder;

  /** The model for a new library, by its name with or without the variant. @throws as `resolve` */
  choose(name: string): Embedder;

  /**
   * The model of a library. @throws ArrwError `embedder_unavailable` that names the setting that provides the model.
   */
  resolve(id: string): Embedder;

  /** The default weight of vectors in hybrid searches with a library's model, whether the model is available or not. */
  vectorWeight(id: string | undefined): number;
}
