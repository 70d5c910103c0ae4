import type { DatabaseSync } from "node:sqlite";
import { integer, text } from "../../engine/rows/row-values.ts";
import type { Contents } from "./backup-manifest.ts";

/** Counts of a database, and its inconsistencies. */
export interface DatabaseInspection {
  readonly schema: number;
  readonly contents: Contents;
  /** Messages; empty if everything is consistent. */
  readonly faults: readonly string[];
}

/** Maximum number of faults of one kind that are listed. */
const namedFaults = 20;

/** Reads everything, and compares stored counts with the rows. */
export function inspect(database: DatabaseSync): DatabaseInspection {
  const damage = database
    .prepare(`PRAGMA integrity_check(${namedFaults})`)
    .all()
    .map((row) => text(row, "integrity_check"))
    .filter((line) => line !== "ok");
  const schema = integer(database.prepare("PRAGMA user_version").get() ?? {}, "user_version");
  // If SQLite itself finds damage, the contents of rows are not reliable.
  if (damage.length > 0) return { schema, contents: { libraries: [], vectors: 0 }, faults: damage };
  return { schema, contents: contentsOf(database), faults: [...countFaults(database), ...rowFaults(database)] };
}

const libraryRows = `
  SELECT l.id, l.name, l.seq, l.num_documents, l.num_chunks,
    (SELECT count(*) FROM documents d WHERE d.library = l.key) AS documents,
    (SELECT count(*) FROM chunks c WHERE c.library = l.key) AS chunks,
    (SELECT count(*) FROM events e WHERE e.library = l.key) AS events,
    (SELECT coalesce(min(seq), 0) FROM events e WHERE e.library = l.key) AS first_event,
    (SELECT coalesce(max(seq), 0) FROM events e WHERE e.library = l.key) AS last_event
  FROM libraries l WHERE l.deleted = 0 ORDER BY l.key`;

function contentsOf(database: DatabaseSync): Contents {
  const libraries = database
    .prepare(libraryRows)
    .all()
    .map((row) => ({
      id: text(row, "id"),
      name: text(row, "name"),
      seq: integer(row, "seq"),
      documents: integer(row, "documents"),
      chunks: integer(row, "chunks"),
      events: integer(row, "events"),
    }));
  return { libraries, vectors: countOf(database, "SELECT count(*) AS count FROM vectors") };
}

const countOf = (database: DatabaseSync, query: string): number =>
  integer(database.prepare(query).get() ?? {}, "count");

/** Libraries whose counts differ from their rows, or whose events have a gap. */
function countFaults(database: DatabaseSync): readonly string[] {
  return database
    .prepare(libraryRows)
    .all()
    .flatMap((row) => {
      const name = `library ${text(row, "id")}`;
      const [first, last, events] = [integer(row, "first_event"), integer(row, "last_event"), integer(row, "events")];
      const faults: string[] = [];
      for (const what of ["documents", "chunks"]) {
        const [counted, there] = [integer(row, `num_${what}`), integer(row, what)];
        if (counted !== there) faults.push(`${name} counts ${counted} ${what}, but has ${there}`);
      }
      if (events > 0 && last - first + 1 !== events) faults.push(`${name} has a gap in its events`);
      if (events > 0 && last !== integer(row, "seq")) faults.push(`${name} has another position than its last event`);
      return faults;
    })
    .slice(0, namedFaults);
}

/** Rows with missing references, each with its message. */
const rowChecks: readonly (readonly [query: string, words: string])[] = [
  [
    "SELECT count(*) AS count FROM chunks c LEFT JOIN vectors v ON v.chunk = c.key WHERE v.chunk IS NULL",
    "chunks without a vector",
  ],
  [
    "SELECT count(*) AS count FROM vectors v LEFT JOIN chunks c ON c.key = v.chunk WHERE c.key IS NULL",
    "vectors without a chunk",
  ],
  [
    `SELECT count(*) AS count FROM chunks c JOIN libraries l ON l.key = c.library
     LEFT JOIN documents d ON d.key = c.document AND d.library = c.library WHERE l.deleted = 0 AND d.key IS NULL`,
    "chunks without a document",
  ],
  [
    `SELECT count(*) AS count FROM vectors v JOIN chunks c ON c.key = v.chunk JOIN libraries l ON l.key = c.library
     WHERE length(v.vector) <> 4 * l.dimension`,
    "vectors with another dimension than their library",
  ],
  [
    `SELECT count(*) AS count FROM documents d JOIN libraries l ON l.key = d.library
     WHERE l.deleted = 0 AND d.num_chunks <> (SELECT count(*) FROM chunks c WHERE c.document = d.key)`,
    "documents with a wrong chunk count",
  ],
];

const rowFaults = (database: DatabaseSync): readonly string[] =>
  rowChecks.flatMap(([query, words]) => {
    const count = countOf(database, query);
    return count === 0 ? [] : [`${words}: ${count}`];
  });
