import type { Embedder } from "./embedder.ts";

/** The embedding models of this server. */
export interface EmbedderRegistry {
  /** The model of libraries that name none. */
  readonly default: Embedder;

  /** @throws ArrwError `embedder_unavailable` that says which setting would bring the model. */
  resolve(id: string): Embedder;
}
