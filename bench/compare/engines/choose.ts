import type { Engine } from "../engine.ts";
import type { EngineName, Options, ServerPeerName } from "../options.ts";
import { PeerServer } from "../peer-server.ts";
import { ArrwDbEngine } from "./arrwdb.ts";
import { UsearchEngine } from "./usearch.ts";

/** An engine of the comparison, or why it is not there. */
export type Choice = { readonly engine: Engine } | { readonly skipped: string };

const defaultPorts: Readonly<Record<ServerPeerName, number>> = {
  pgvector: 5432,
  redis: 6379,
  chroma: 8000,
  qdrant: 6333,
};

/** The peers' clients are large and not everybody's; those that are there are loaded when they are needed. */
const servers: Readonly<Record<ServerPeerName, (server: PeerServer) => Promise<Engine>>> = {
  pgvector: async (server) => new (await import("../../peers/pgvector.ts")).PgvectorEngine(server),
  redis: async (server) => new (await import("../../peers/redis.ts")).RedisEngine(server),
  chroma: async (server) => new (await import("../../peers/chroma.ts")).ChromaEngine(server),
  qdrant: async (server) => new (await import("../../peers/qdrant.ts")).QdrantEngine(server),
};

export async function chooseEngine(name: EngineName, { addresses, commands }: Options): Promise<Choice> {
  if (name === "usearch") return { engine: new UsearchEngine() };
  if (name === "arrwdb") return { engine: new ArrwDbEngine() };
  if (name === "lancedb")
    return whereInstalled(async () => new (await import("../../peers/lancedb.ts")).LanceDbEngine());
  const address = addresses[name];
  if (address === undefined) return { skipped: `give its address with --${name} or ${name.toUpperCase()}_URL` };
  const server = new PeerServer(address, defaultPorts[name], commands[name]);
  return whereInstalled(() => servers[name](server));
}

async function whereInstalled(load: () => Promise<Engine>): Promise<Choice> {
  try {
    return { engine: await load() };
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ERR_MODULE_NOT_FOUND")
      return { skipped: "its client is not installed; npm run bench:peers installs it" };
    throw error;
  }
}
