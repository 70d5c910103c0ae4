import type { DatabaseSync } from "node:sqlite";
import { textLanguage } from "@arrwdb/protocol/documents/model";
import { integer, text } from "../rows/row-values.ts";
import type { TextLibrary, TextTable } from "./text-table.ts";
import { hasInvisible } from "./words.ts";

/** Chunks whose terms are written in one transaction. */
const slice = 500;

interface StoredText {
  readonly key: number;
  readonly library: TextLibrary;
  readonly title: string;
  readonly text: string;
}

/**
 * Writes missing terms before the database is used: of chunks older than text search, and of those analyzed differently by
 * an older arrwDB. A search by text that finds only some of the chunks would be silently wrong. Each slice is its own
 * transaction, so an interrupted backfill continues where it was. Returns the number of chunks.
 *
 * @param onBegin called if there is something to do, which may take minutes
 */
export function backfillTexts(database: DatabaseSync, texts: TextTable, onBegin: () => void): number {
  const write = ({ key, library, title, text: content }: StoredText) =>
    texts.insert(library, title, new Map([[key, content]]));
  const missing = eachText(database, "text_backfill", onBegin, (chunk) => {
    write(chunk);
    return true;
  });
  const renewed = eachText(database, "text_renewal", onBegin, (chunk) => {
    if (!hasInvisible(chunk.text) && !hasInvisible(chunk.title)) return false;
    texts.remove(chunk.library.key, [chunk.key]);
    write(chunk);
    return true;
  });
  return missing + renewed;
}

/** Processes the chunks whose keys a table lists, and empties it. Returns how many were written. */
function eachText(
  database: DatabaseSync,
  table: "text_backfill" | "text_renewal",
  onBegin: () => void,
  write: (chunk: StoredText) => boolean,
): number {
  const place = database.prepare(`SELECT after, last FROM ${table}`);
  const chunks = database.prepare(
    `SELECT c.key, c.library, c.text, d.title, l.language
     FROM chunks c JOIN documents d ON d.key = c.document JOIN libraries l ON l.key = c.library
     WHERE c.key > ? AND c.key <= ? AND l.deleted = 0 ORDER BY c.key LIMIT ?`,
  );
  const advance = database.prepare(`UPDATE ${table} SET after = ?`);
  let count = 0;
  if (place.get() !== undefined) onBegin();
  for (let row = place.get(); row !== undefined; row = place.get()) {
    const rows = chunks.all(integer(row, "after"), integer(row, "last"), slice);
    const last = rows.at(-1);
    let written = 0;
    database.exec("BEGIN IMMEDIATE");
    try {
      for (const chunk of rows) {
        const library = { key: integer(chunk, "library"), language: textLanguage.parse(text(chunk, "language")) };
        const stored = { key: integer(chunk, "key"), library, title: text(chunk, "title"), text: text(chunk, "text") };
        if (write(stored)) written++;
      }
      if (last === undefined) database.exec(`DELETE FROM ${table}`);
      else advance.run(integer(last, "key"));
      database.exec("COMMIT");
    } catch (error) {
      if (database.isTransaction) database.exec("ROLLBACK");
      throw error;
    }
    count += written;
  }
  return count;
}
