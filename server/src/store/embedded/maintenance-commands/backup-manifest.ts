import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { z } from "zod";

export const databaseFile = "arrwdb.sqlite";
const manifestFile = "manifest.json";

const count = z.int().min(0);

/** Counts of a database, recorded in a backup; a restored database has to have the same. */
export const contents = z.object({
  libraries: z.array(
    z.object({ id: z.string(), name: z.string(), seq: count, documents: count, chunks: count, events: count }),
  ),
  vectors: count,
});
export type Contents = z.output<typeof contents>;

/** The manifest file of a backup. It is written last, so a backup without one was interrupted. */
export const manifest = z.object({
  format: z.literal("arrwdb-backup"),
  version: z.literal(1),
  created_at: z.iso.datetime(),
  /** Schema version, which a restoring arrwDB has to support. */
  schema: count,
  file: z.literal(databaseFile),
  bytes: count,
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  contents,
});
export type Manifest = z.output<typeof manifest>;

export const manifestPath = (backup: string): string => join(backup, manifestFile);

/** @throws ArrwError `storage_failed` if the directory is not a complete backup */
export async function readManifest(backup: string): Promise<Manifest> {
  const refused = (reason: string, cause: unknown) =>
    new ArrwError("storage_failed", `${backup} is not a complete backup: ${reason}`, { cause });
  let text: string;
  try {
    text = await readFile(manifestPath(backup), "utf8");
  } catch (cause) {
    throw refused(`it has no ${manifestFile}, so the backup was interrupted or this is not a backup`, cause);
  }
  try {
    return manifest.parse(JSON.parse(text));
  } catch (cause) {
    throw refused(`its ${manifestFile} is not valid`, cause);
  }
}
