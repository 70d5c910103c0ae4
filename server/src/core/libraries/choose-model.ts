import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { EmbedderRegistry } from "../../embedding/embedder-registry.ts";

/** What a request says of a library's model. */
interface ModelRequest {
  readonly embedding_model?: string | null | undefined;
  readonly dimension?: number | undefined;
}

/**
 * The model that a request names, or the server's own, with its dimension.
 *
 * @param remedy what to do about another dimension
 * @throws ArrwError `embedder_unavailable`, `dimension_mismatch`
 */
export function chooseModel(
  embedders: EmbedderRegistry,
  { embedding_model: model = null, dimension }: ModelRequest,
  remedy: string,
): { embeddingModel: string; dimension: number } {
  const embedder = model === null ? embedders.default : embedders.choose(model);
  if (dimension !== undefined && dimension !== embedder.dimension) {
    const message = `dimension: is ${dimension}, but the model ${embedder.id} returns ${embedder.dimension}-dimensional vectors; ${remedy}`;
    throw new ArrwError("dimension_mismatch", message, { field: "dimension" });
  }
  return { embeddingModel: embedder.id, dimension: embedder.dimension };
}
