import type { Embedder } from "./embedder.ts";

/** The embedding models of this server. */
export interface EmbedderRegistry {
  /** The model of libraries that name none. */
  readonly default: Embedder;

  /** The model that a new library asks for, by its name with or without the variant. @throws as `resolve` */
  choose(name: string): Embedder;

  /** The model of a library. @throws ArrwError `embedder_unavailable` that says which setting would bring the model. */
  resolve(id: string): Embedder;

  /** How much vectors of a library's model count in a hybrid search that does not say, whether the model is here or not. */
  vectorWeight(id: string | undefined): number;
}
