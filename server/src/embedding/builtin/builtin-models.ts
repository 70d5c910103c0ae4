import type { Embedder } from "../embedder.ts";
import { BuiltinEmbedder, type BuiltinEmbedderOptions } from "./builtin-embedder.ts";

/** A model that is part of the server. */
export interface BuiltinModel {
  /** Recorded by libraries. Immutable: a model with other vectors needs another name. */
  readonly id: string;
  /** The default weight of its vectors in hybrid searches. */
  readonly vectorWeight: number;
  readonly create: (options: Pick<BuiltinEmbedderOptions, "threads">) => LoadableEmbedder;
}

/** A model that takes time to load: on `start`, or else with the first text. */
export interface LoadableEmbedder extends Embedder {
  /** @throws ArrwError `embedder_unavailable` if it cannot be loaded */
  start(): Promise<void>;
}

/**
 * All built-in models; messages name the first. To change the default, add a model before the others, and set its name
 * as the default of `ARRWDB_EMBEDDING`: new libraries record it, and existing ones keep theirs.
 */
export const builtinModels: readonly BuiltinModel[] = [
  {
    id: "builtin",
    // It is small: over collections of program documentation and abstracts, words alone found twice as much as its vectors
    // alone, and a share of 0.1 to 0.2 was best.
    vectorWeight: 0.15,
    create: (options) => new BuiltinEmbedder(options),
  },
];
