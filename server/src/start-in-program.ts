import type { RunningServer } from "./running-server.ts";
import { ArrwServer } from "./server.ts";
import { drainTimeout } from "./server-limits.ts";
import { ConfigError, readConfig } from "./settings/config.ts";
import { settings as known } from "./settings/settings-table.ts";
import type { StartSettings } from "./settings/start-settings.ts";
import { unusedSettings } from "./settings/unused-settings.ts";
import { createLogger } from "./telemetry/logger.ts";

/** Starts a server that ends when the program says so: signals and failures are the program's. */
export async function startInProgram(settings: StartSettings): Promise<RunningServer> {
  const config = readConfig([], asText(settings));
  const logger = createLogger(config.LOG_LEVEL);
  for (const note of unusedSettings(config)) logger.warn(note);
  const server = new ArrwServer(config, logger);
  await server.start();
  const url = server.address;
  let stopped: Promise<void> | undefined;
  return {
    url,
    failed: server.failed,
    stop: () => (stopped ??= server.drain(drainTimeout).then(() => server.stop())),
  };
}

/** @throws ConfigError for a name that is no setting: ignored, it would start a server with the default instead. */
function asText(given: StartSettings): Readonly<Record<string, string>> {
  const text: Record<string, string> = {};
  for (const [name, value] of Object.entries(given)) {
    if (!known.some((setting) => setting.name === name)) {
      const meant = known.find((setting) => sameLetters(setting.name).endsWith(sameLetters(name)));
      const remedy =
        meant === undefined ? "settings have the names of their environment variables" : `did you mean ${meant.name}?`;
      throw new ConfigError(`${name} is not a setting; ${remedy}`);
    }
    if (value !== undefined) text[name] = String(value);
  }
  return text;
}

const sameLetters = (name: string) => name.toLowerCase().replaceAll("_", "");
