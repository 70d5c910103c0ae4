import { randomUUID } from "node:crypto";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { join, resolve } from "node:path";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import { schemaVersion } from "../tables/migrations.ts";
import { databaseBytes, exists, makeParent, requireSpace, syncDirectory } from "./backup-directories.ts";
import { databaseFile, type Manifest, manifestPath, readManifest } from "./backup-manifest.ts";
import { runTask } from "./maintenance-task.ts";
import type { MaintenanceOptions } from "../../data-maintenance.ts";

/**
 * Copies a snapshot of all data into a new directory, whether or not a server has them open, verifies the copy, and returns
 * its manifest. The directory gets its name once it is complete and durable; an interrupted backup leaves none.
 *
 * @throws ArrwError `validation_failed` if the backup would overwrite something, `storage_full`, `storage_failed`
 */
export async function createBackup(directory: string, to: string, options: MaintenanceOptions): Promise<Manifest> {
  const target = resolve(to);
  if (await exists(target)) {
    throw new ArrwError("validation_failed", `${to} already exists; choose a directory that does not`);
  }
  const bytes = await databaseBytes(directory);
  const parent = await makeParent(target);
  await requireSpace(parent, bytes);
  const partial = `${target}.${randomUUID()}.partial`;
  await mkdir(partial);
  try {
    // Every write acknowledged before this is included.
    const created_at = new Date().toISOString();
    const copied = await runTask({ type: "copy", directory, file: join(partial, databaseFile) }, options);
    if (copied.faults.length > 0) {
      throw new ArrwError("storage_failed", `The data is corrupt: ${copied.faults.join("; ")}`);
    }
    const written: Manifest = {
      format: "arrwdb-backup",
      version: 1,
      created_at,
      schema: copied.schema,
      file: databaseFile,
      bytes: copied.bytes,
      sha256: copied.sha256,
      contents: copied.contents,
    };
    await writeDurably(manifestPath(partial), `${JSON.stringify(written, null, 2)}\n`);
    await syncDirectory(partial);
    await rename(partial, target);
    await syncDirectory(parent);
    return written;
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Reads a whole backup and compares it with its manifest.
 *
 * @throws ArrwError `storage_failed` if it was interrupted, has changed, or was made by a newer arrwDB
 */
export async function verifyBackup(backup: string, options: MaintenanceOptions): Promise<Manifest> {
  const manifest = await readManifest(backup);
  const refused = (reason: string) => new ArrwError("storage_failed", `The backup ${backup} cannot be used: ${reason}`);
  if (manifest.schema > schemaVersion) {
    throw refused(
      `it was created by a newer arrwDB (schema ${manifest.schema}, this one reads up to ${schemaVersion})`,
    );
  }
  const file = join(backup, databaseFile);
  if (!(await exists(file))) throw refused(`${databaseFile} is missing`);
  const found = await runTask({ type: "inspect", file }, options);
  if (found.sha256 !== manifest.sha256) throw refused(`${databaseFile} has changed since the backup (SHA-256 differs)`);
  if (found.faults.length > 0) throw refused(found.faults.join("; "));
  if (JSON.stringify(found.contents) !== JSON.stringify(manifest.contents)) {
    throw refused("its contents differ from its manifest");
  }
  return manifest;
}

async function writeDurably(path: string, text: string): Promise<void> {
  const handle = await open(path, "wx");
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
