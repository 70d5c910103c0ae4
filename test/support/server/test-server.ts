import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Library } from "@arrwdb/protocol/documents/model";
import { library } from "@arrwdb/protocol/documents/model";
import type { Logger } from "pino";
import { type Config, readConfig } from "../../../server/src/settings/config.ts";
import type { ServerLimits } from "../../../server/src/server-limits.ts";
import { ArrwServer } from "../../../server/src/server.ts";
import { createLogger } from "../../../server/src/telemetry/logger.ts";
import { ending } from "./endings.ts";

/** Ends by itself with its test file at the latest, and its data with it. */
export interface TestServer extends AsyncDisposable {
  readonly server: ArrwServer;
  readonly url: string;
  readonly socketUrl: string;
  readonly directory: string;
  readonly stop: () => Promise<void>;
}

/** A directory that is removed with its test file at the latest. */
export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "arrwdb-test-"));
  ending(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** As the model takes a second to load on every core, and most tests embed nothing. */
export const lazyModel = { ARRWDB_EMBEDDING_LOAD: "on-first-use", ARRWDB_EMBEDDING_THREADS: "1" } as const;

export interface TestServerOptions {
  /** Those that are not the usual ones. */
  readonly limits?: Partial<ServerLimits>;
  /** In place of one that is silent. */
  readonly logger?: Logger;
}

/** The real server on a free port, with data of its own. */
export async function startServer(
  environment: Readonly<Record<string, string>> = {},
  options: TestServerOptions = {},
): Promise<TestServer> {
  const own = environment["ARRWDB_DATA_DIR"] === undefined;
  const directory = environment["ARRWDB_DATA_DIR"] ?? (await temporaryDirectory());
  const config: Config = readConfig([], {
    ...lazyModel,
    PORT: "0",
    LOG_LEVEL: process.env["TEST_LOG_LEVEL"] ?? "silent",
    ...environment,
    ARRWDB_DATA_DIR: directory,
  });
  const server = new ArrwServer(config, options.logger ?? createLogger(config.LOG_LEVEL), options.limits);
  await server.start();
  const stop = ending(async () => {
    await server.drain(5_000);
    await server.stop();
    if (own) await rm(directory, { recursive: true, force: true });
  });
  return {
    server,
    url: server.address,
    socketUrl: server.address.replace("http", "ws"),
    directory,
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

export function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify(body),
  });
}

export async function createLibrary(url: string, request: Readonly<Record<string, unknown>> = {}): Promise<Library> {
  const response = await post(`${url}/v1/libraries`, { name: "test", ...request });
  if (response.status !== 201) throw new Error(`No library: ${response.status} ${await response.text()}`);
  return library.parse(await response.json());
}

/** A library of vectors only, which needs no model. */
export function createVectorLibrary(url: string, dimension = 4): Promise<Library> {
  return createLibrary(url, { embedding_model: "none", dimension });
}
