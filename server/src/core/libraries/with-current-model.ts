import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { LibraryDirectory } from "./library-directory.ts";

/** How often a text is embedded again because its library has changed over to another model meanwhile. */
const mostAttempts = 5;

/** Runs something that embeds texts, and again if the library has changed over to another model before the store was asked. */
export async function withCurrentModel<Value>(
  directory: LibraryDirectory,
  libraryId: string,
  run: () => Promise<Value>,
): Promise<Value> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!isModelChange(error) || attempt === mostAttempts) throw error;
      directory.forget(libraryId);
    }
  }
}

/** Whether a vector was of no use, as its library has another model now. */
export const isModelChange = (error: unknown): boolean =>
  error instanceof ArrwError && error.code === "embedding_model_changed";
