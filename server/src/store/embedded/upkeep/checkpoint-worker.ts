import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { parentPort, workerData } from "node:worker_threads";
import { databaseFile } from "../../engine/rows/database-reader.ts";
import { type Folded, LogFolding } from "../../engine/rows/write-ahead-log.ts";

/** What it answers each message with. */
export type FoldReply = Folded | { readonly error: string };

if (parentPort === null) throw new Error("This file runs as a worker thread");
const port = parentPort;
const directory: string = workerData;
let database: DatabaseSync | undefined;
let folding: LogFolding | undefined;

port.on("message", (message: "fold" | "close") => {
  if (message === "fold") return port.postMessage(fold());
  database?.close();
  port.close();
});

function fold(): FoldReply {
  try {
    database ??= new DatabaseSync(join(directory, databaseFile));
    folding ??= new LogFolding(database);
    return folding.fold();
  } catch (error) {
    return { error: String(error) };
  }
}
