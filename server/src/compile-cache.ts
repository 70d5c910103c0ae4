import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Keeps compiled code for the next start, which takes about two thirds of the time then: Node strips the types of each
 * file otherwise. Worker threads look at the variable alone. Where there is no place for it, nothing is kept.
 */
export function keepCompiledCode(): void {
  const directory = process.env["NODE_COMPILE_CACHE"] ?? usualDirectory();
  if (directory === undefined) return;
  process.env["NODE_COMPILE_CACHE"] = directory;
  enableCompileCache(directory);
}

function usualDirectory(): string | undefined {
  try {
    return join(homedir(), ".cache", "arrwdb");
  } catch {
    // The user is not known to the system, as in some containers.
    return undefined;
  }
}
