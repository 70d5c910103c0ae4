import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, stat } from "node:fs/promises";
import { backup, DatabaseSync } from "node:sqlite";
import { openReader } from "../../engine/rows/database-reader.ts";
import { DiskReserve } from "../background/disk-reserve.ts";
import { toErrorData } from "../../engine/threads/error-data.ts";
import { inspect } from "./database-inspection.ts";
import { maintenanceThread, type TaskMessage, type TaskResult } from "./maintenance-messages.ts";

/** Pages copied at a time, 4 MiB. */
const pagesPerStep = 256;

const { settings: task, port } = maintenanceThread.inside();
const send = (message: TaskMessage) => port.send(message);

async function run(): Promise<TaskResult> {
  switch (task.type) {
    case "copy":
      await copy(task.directory, task.file);
      return { ...inspectFile(task.file), ...(await hashOf(task.file)) };
    case "inspect":
      return { ...inspectFile(task.file), ...(await hashOf(task.file)) };
    case "inspect-live":
      return { ...inspectLive(task.directory), bytes: 0, sha256: "" };
  }
}

/**
 * The copy is a snapshot: the transaction keeps its state for this connection, so writers can continue, and copying never
 * has to restart.
 */
async function copy(directory: string, file: string): Promise<void> {
  const reserve = new DiskReserve(directory);
  const source = reserve.spend(() => beginReading(directory));
  try {
    await backup(source, file, {
      rate: pagesPerStep,
      progress: ({ totalPages, remainingPages }) =>
        send({ type: "progress", done: totalPages - remainingPages, total: totalPages, step: "copying" }),
    });
  } finally {
    source.close();
    reserve.refill();
  }
  // So that it is a single file, which can be read on read-only media.
  const copied = new DatabaseSync(file);
  copied.exec("PRAGMA journal_mode = DELETE");
  copied.close();
  const handle = await open(file, "r+");
  await handle.sync();
  await handle.close();
}

function inspectFile(file: string) {
  send({ type: "progress", done: 0, total: 1, step: "checking" });
  const database = new DatabaseSync(file, { readOnly: true });
  try {
    return inspect(database);
  } finally {
    database.close();
  }
}

function inspectLive(directory: string) {
  const reserve = new DiskReserve(directory);
  const database = reserve.spend(() => beginReading(directory));
  try {
    return inspect(database);
  } finally {
    database.close();
    reserve.refill();
  }
}

/** Opens the database in a read transaction, for which SQLite needs the index of its log. */
function beginReading(directory: string): DatabaseSync {
  const database = openReader(directory);
  try {
    database.exec("BEGIN");
    database.prepare("SELECT count(*) FROM libraries").get();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

async function hashOf(file: string): Promise<Pick<TaskResult, "bytes" | "sha256">> {
  const { size } = await stat(file);
  const hash = createHash("sha256");
  let done = 0;
  for await (const part of createReadStream(file, { highWaterMark: 1024 * 1024 })) {
    hash.update(part);
    done += part.length;
    send({ type: "progress", done, total: size, step: "hashing" });
  }
  return { bytes: size, sha256: hash.digest("hex") };
}

try {
  send({ type: "done", result: await run() });
} catch (error) {
  send({ type: "failed", error: toErrorData(error) });
}
