import { existsSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { ArrwError } from "@arrwdb/protocol/errors/errors";
import type { AuditLog } from "../audit-log.ts";
import type { KeyStore, StoredKey } from "../key-store.ts";
import { databaseFile } from "../engine/rows/database-reader.ts";
import { KeysTable } from "./tables/keys-table.ts";

const notYet = () => Promise.reject(new ArrwError("starting", "The store is not open yet", { retryAfter: 1 }));

/**
 * The keys of a store that is still opening, read directly from its file. Read-only.
 *
 * @returns undefined if they cannot be read yet, such as during a schema migration
 */
export function storedKeys(directory: string): (KeyStore & AuditLog) | undefined {
  const keys = readKeys(join(directory, databaseFile));
  if (keys === undefined) return undefined;
  return {
    isShared: false,
    distrust: undefined,
    listKeys: async () => keys,
    onKeyChange: () => () => undefined,
    recordKeyUse: async () => undefined,
    createKey: notYet,
    revokeKey: notYet,
    appendAudit: notYet,
    readAudit: notYet,
  };
}

function readKeys(file: string): readonly StoredKey[] | undefined {
  if (!existsSync(file)) return [];
  try {
    const database = new DatabaseSync(file, { readOnly: true });
    try {
      const tables = database.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'api_keys'");
      return tables.get() === undefined ? [] : new KeysTable(database).all();
    } finally {
      database.close();
    }
  } catch {
    return undefined;
  }
}
