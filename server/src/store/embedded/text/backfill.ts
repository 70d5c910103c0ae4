import type { DatabaseSync } from "node:sqlite";
import { textLanguage } from "@arrwdb/protocol/model";
import { integer, text } from "../rows.ts";
import type { TextTable } from "./text-table.ts";

/** Chunks whose terms are written in one transaction. */
const slice = 500;

/**
 * Writes the terms of chunks that are older than text search, before the database is used: a search by text that finds
 * some of the chunks only would be wrong, and nobody could see it. Each slice is its own transaction, so one that is cut
 * off goes on where it was. Returns how many chunks it was.
 *
 * @param onBegin called where there is something to do, which may take minutes.
 */
export function backfillTexts(database: DatabaseSync, texts: TextTable, onBegin: () => void): number {
  const place = database.prepare("SELECT after, last FROM text_backfill");
  const chunks = database.prepare(
    `SELECT c.key, c.library, c.text, d.title, l.language
     FROM chunks c JOIN documents d ON d.key = c.document JOIN libraries l ON l.key = c.library
     WHERE c.key > ? AND c.key <= ? AND l.deleted = 0 ORDER BY c.key LIMIT ?`,
  );
  const advance = database.prepare("UPDATE text_backfill SET after = ?");
  let count = 0;
  if (place.get() !== undefined) onBegin();
  for (let row = place.get(); row !== undefined; row = place.get()) {
    const rows = chunks.all(integer(row, "after"), integer(row, "last"), slice);
    const last = rows.at(-1);
    database.exec("BEGIN IMMEDIATE");
    try {
      for (const chunk of rows) {
        const library = { key: integer(chunk, "library"), language: textLanguage.parse(text(chunk, "language")) };
        texts.insert(library, text(chunk, "title"), new Map([[integer(chunk, "key"), text(chunk, "text")]]));
      }
      if (last === undefined) database.exec("DELETE FROM text_backfill");
      else advance.run(integer(last, "key"));
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
    count += rows.length;
  }
  return count;
}
