import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { databaseFile } from "../../engine/rows/database-reader.ts";
import { checkpointThread, type FoldReply } from "./checkpoint-messages.ts";
import { LogFolding } from "../../engine/rows/write-ahead-log.ts";

const { settings: directory, port } = checkpointThread.inside();
let database: DatabaseSync | undefined;
let folding: LogFolding | undefined;

port.onMessage((message) => {
  if (message === "fold") return port.send(fold());
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
