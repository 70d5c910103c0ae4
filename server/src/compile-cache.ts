import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

/**
 * Caches compiled code for the next start, which then takes about two thirds of the time: otherwise Node strips the
 * types of each file. Worker threads read only the environment variable. Without a writable directory, nothing is
 * cached.
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
