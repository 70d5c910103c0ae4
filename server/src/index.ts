import { requireNode } from "./node-version.ts";
import type { RunningServer } from "./running-server.ts";
import type { StartSettings } from "./settings/start-settings.ts";

export type { RunningServer, StartSettings };

/**
 * Starts arrwDB in this program, and resolves when it serves requests. It takes the settings that `arrwdb serve` takes, by
 * the names of their environment variables, and does not read the environment itself.
 *
 * @throws Error that names each invalid setting and what it takes
 */
export async function start(settings: StartSettings = {}): Promise<RunningServer> {
  requireNode();
  // Only now, as an older Node cannot load it.
  const { startInProgram } = await import("./start-in-program.ts");
  return startInProgram(settings);
}
