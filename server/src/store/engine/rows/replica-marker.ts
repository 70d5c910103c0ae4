import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { z } from "zod";
import { databaseFile } from "./database-reader.ts";

const markerFile = "replica.json";

const marker = z.object({
  /** Whose libraries are copied here. */
  cluster: z.string(),
});

const refused = (message: string) => new ArrwError("storage_failed", message);

/**
 * Claims a directory for copies of a cluster's libraries, which are deleted when the cluster does not have them.
 *
 * @throws ArrwError `storage_failed` if it holds anything else
 */
export function claimReplicas(directory: string, cluster: string): void {
  const owner = clusterOf(directory);
  if (owner === cluster) return;
  if (owner !== undefined) {
    const message = `The data directory ${directory} holds copies of another cluster's libraries; use another directory, or delete it`;
    throw refused(message);
  }
  if (existsSync(join(directory, databaseFile))) {
    const message = `The data directory ${directory} holds libraries that are stored here alone; use another directory for a node of a cluster`;
    throw refused(message);
  }
  writeFileSync(join(directory, markerFile), `${JSON.stringify({ cluster })}\n`);
}

/** Refuses a directory with copies of what is stored elsewhere. @throws ArrwError `storage_failed` */
export function refuseReplicas(directory: string): void {
  if (clusterOf(directory) === undefined) return;
  const message = `The data directory ${directory} holds copies of a cluster's libraries, which are stored in PostgreSQL; use another directory`;
  throw refused(message);
}

function clusterOf(directory: string): string | undefined {
  const file = join(directory, markerFile);
  if (!existsSync(file)) return undefined;
  return marker.parse(JSON.parse(readFileSync(file, "utf8"))).cluster;
}
