import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { library } from "@arrwdb/protocol/documents/model";
import { ingestionResponse } from "@arrwdb/protocol/documents/ingestion";
import { readConfig } from "../../server/src/settings/config.ts";
import { ArrwServer } from "../../server/src/server.ts";
import { createLogger } from "../../server/src/telemetry/logger.ts";

export interface BenchServer {
  readonly url: string;
  readonly stop: () => Promise<void>;
}

/** The whole server in this process, with data of its own. */
export async function startServer(): Promise<BenchServer> {
  const directory = await mkdtemp(join(tmpdir(), "arrwdb-bench-"));
  const server = new ArrwServer(readConfig([], { PORT: "0", ARRWDB_DATA_DIR: directory }), createLogger("error"));
  await server.start();
  return {
    url: server.address,
    stop: async () => {
      await server.drain(5_000);
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

export async function createLibrary(url: string): Promise<string> {
  const response = await post(`${url}/v1/libraries`, { name: "bench" });
  return library.parse(await response.json()).id;
}

export function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

/** Streams documents in; throws where one is refused. */
export async function upload(url: string, libraryId: string, documents: readonly unknown[]): Promise<void> {
  const body = documents.map((document) => JSON.stringify(document)).join("\n");
  const response = await fetch(`${url}/v1/libraries/${libraryId}/documents/stream`, { method: "POST", body });
  const { failed, results } = ingestionResponse.parse(await response.json());
  if (failed > 0)
    throw new Error(`${failed} lines were refused: ${JSON.stringify(results.find(({ success }) => !success))}`);
}
