import { rmSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { databaseFile } from "../../engine/rows/database-reader.ts";
import { openDatabase } from "../tables/database.ts";
import { FreeSpace } from "./free-space.ts";

it("is given back to the disk in slices, but for what will be written to again", () => {
  const directory = mkdtempSync(join(tmpdir(), "arrwdb-test-"));
  const database = openDatabase(directory);
  try {
    const insert = database.prepare("INSERT INTO vectors (chunk, vector) VALUES (?, ?)");
    database.exec("BEGIN");
    for (let chunk = 1; chunk <= 1_000; chunk++) insert.run(chunk, new Uint8Array(16_000));
    database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    const size = () => statSync(join(directory, databaseFile)).size;
    const whole = size();
    database.exec("DELETE FROM vectors");
    const space = new FreeSpace(database);
    expect(space.bytes).toBeGreaterThan(whole / 2);
    while (space.work());
    expect(space.bytes).toBeLessThan(whole / 2);
    expect(size()).toBeLessThan(whole / 2);
  } finally {
    database.close();
    rmSync(directory, { recursive: true });
  }
});
