import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { Library } from "@arrwdb/protocol/documents/model";

/**
 * A vector that the server made from a text is of use only with the library's model: while it was made, the library may have
 * changed over to another one.
 *
 * @param model that made it; undefined if the client has sent it
 * @throws ArrwError `embedding_model_changed`
 */
export function checkModel(
  { embedding_model, dimension }: Pick<Library, "embedding_model" | "dimension">,
  model: string | undefined,
  { length }: Float32Array,
): void {
  if (model === undefined || (model === embedding_model && length === dimension)) return;
  const message = `The library has changed over to the model ${embedding_model} with ${dimension} dimensions; send the request again`;
  throw new ArrwError("embedding_model_changed", message);
}
