import { ArrwServer } from "./server.ts";
import { drainTimeout } from "./server-limits.ts";
import { onStopSignals } from "./stop-signals.ts";
import { ConfigError, readConfig } from "./settings/config.ts";
import { misspelledSettings } from "./settings/misspelled-settings.ts";
import { settingsHelp } from "./settings/settings-help.ts";
import { unusedSettings } from "./settings/unused-settings.ts";
import { createLogger } from "./telemetry/logger.ts";
import { startTracing } from "./telemetry/tracing.ts";

/** Starts the server that the settings describe, and ends the process when a signal or a failure ends the server. */
export async function serve(argv: readonly string[]): Promise<void> {
  return start(argv).catch(fail);
}

async function start(argv: readonly string[]): Promise<void> {
  if (argv.includes("--help")) {
    process.stdout.write(`arrwDB, the real-time vector database\n\n${settingsHelp()}`);
    return;
  }
  const config = readConfig(argv, process.env);
  const logger = createLogger(config.LOG_LEVEL);
  for (const note of [...misspelledSettings(process.env), ...unusedSettings(config)]) logger.warn(note);
  const endTracing = await startTracing(process.env, logger);
  const server = new ArrwServer(config, logger);
  const stopping = stopOnSignals(server, endTracing);
  process.on("SIGHUP", () => server.reloadCertificate());
  // Whoever runs the process starts it again; a server that cannot read its data is worse than none.
  void server.failed.then((error) => {
    logger.fatal({ err: error }, "fatal error, exiting");
    fail(error);
  });
  try {
    await server.start();
  } catch (error) {
    if (stopping.aborted) return;
    throw error;
  }
  logger.info({ address: server.address, data: config.ARRWDB_DATA_DIR, embedding: config.ARRWDB_EMBEDDING }, "ready");
}

/**
 * The first signal drains; a second one ends the process at once.
 *
 * @returns a signal that aborts on the first one
 */
function stopOnSignals(server: ArrwServer, endTracing: () => Promise<void>): AbortSignal {
  const stopping = new AbortController();
  const stop = () => {
    stopping.abort();
    server
      .drain(drainTimeout)
      .then(() => server.stop())
      .then(endTracing)
      .then(
        () => process.exit(0),
        (error: unknown) => fail(error),
      );
  };
  onStopSignals(["SIGTERM", "SIGINT"], stop, () => process.exit(1));
  return stopping.signal;
}

function fail(error: unknown): never {
  if (error instanceof ConfigError)
    process.stderr.write(`arrwDB cannot start with these settings:\n${error.message}\n`);
  else process.stderr.write(`arrwDB failed: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
