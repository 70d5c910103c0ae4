import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { openDatabase } from "../../embedded/tables/database.ts";
import { integer } from "../rows/row-values.ts";
import { finish } from "../../../scheduling/steps.ts";
import { backfillTexts } from "./backfill-texts.ts";
import { TextIndex } from "./text-index.ts";
import { TextTable } from "./text-table.ts";

const library = { key: 1, language: "de" } as const;
/** As the texts stand, and as an older arrwDB took their words. */
const texts = [
  { text: "Zusam\u00admen", taken: "Zusam men" },
  { text: "ohne alles", taken: "ohne alles" },
  { text: "sep\u200barat", taken: "sep arat" },
];

describe("Texts that an older arrwDB made searchable", () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "arrwdb-backfill-"));
  });
  afterAll(() => rm(directory, { recursive: true, force: true }));

  it("are found by the words that one sees, and counted once", () => {
    const database = openDatabase(directory);
    const table = new TextTable(database);
    const index = new TextIndex(database);
    const find = (asked: string) =>
      finish(index.search(library, index.terms(library, asked), 10)).hits.map(({ key }) => key);
    const now = "2026-11-27T00:00:00.000Z";
    database.exec(`
      INSERT INTO libraries (key, id, name, embedding_model, dimension, created_at, seq, language, index_settings)
      VALUES (1, 'l', 'l', 'none', 1, '${now}', 1, 'de', '{"type":"auto"}');
    `);
    const document = database.prepare(
      "INSERT INTO documents (key, library, id, title, tags, metadata, num_chunks, created_at, updated_at, seq) VALUES (?, 1, ?, 'Titel', '[]', '{}', 1, ?, ?, 1)",
    );
    const chunk = database.prepare(
      "INSERT INTO chunks (key, library, document, id, chunk_index, text, metadata) VALUES (?, 1, ?, ?, 0, ?, '{}')",
    );
    for (const [at, { text, taken }] of texts.entries()) {
      document.run(at + 1, `d${at}`, now, now);
      chunk.run(at + 1, at + 1, `c${at}`, text);
      table.insert(library, "Titel", new Map([[at + 1, taken]]));
    }
    database.exec("INSERT INTO text_renewal SELECT 0, max(key) FROM chunks");
    expect([find("Zusammen"), find("separat"), find("sep")]).toEqual([[], [], [3]]);
    let begun = 0;
    expect(backfillTexts(database, table, () => begun++)).toBe(2);
    expect([find("Zusammen"), find("separat"), find("sep"), find("ohne"), find("Titel")]).toEqual([
      [1],
      [3],
      [],
      [2],
      [1, 3, 2],
    ]);
    const totals = database.prepare("SELECT chunks, terms FROM text_totals WHERE library = 1").get() ?? {};
    expect([integer(totals, "chunks"), integer(totals, "terms")]).toEqual([3, 7]);
    expect([backfillTexts(database, table, () => begun++), begun]).toEqual([0, 1]);
    database.close();
  });
});
