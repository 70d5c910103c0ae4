import type { DatabaseSync } from "node:sqlite";
import { integer, text } from "../../engine/rows/row-values.ts";
import { vectorTables } from "../../engine/rows/vectors-table.ts";
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
  return {
    schema,
    contents: contentsOf(database, schema),
    faults: [...countFaults(database), ...rowFaults(database, schema)],
  };
}

const libraryRows = `
  SELECT l.id, l.name, l.seq, l.num_documents, l.num_chunks,
    (SELECT count(*) FROM documents d WHERE d.library = l.key) AS documents,
    (SELECT count(*) FROM chunks c WHERE c.library = l.key) AS chunks,
    (SELECT count(*) FROM events e WHERE e.library = l.key) AS events,
    (SELECT coalesce(min(seq), 0) FROM events e WHERE e.library = l.key) AS first_event,
    (SELECT coalesce(max(seq), 0) FROM events e WHERE e.library = l.key) AS last_event
  FROM libraries l WHERE l.deleted = 0 ORDER BY l.key`;

function contentsOf(database: DatabaseSync, schema: number): Contents {
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
  const counts = tablesOf(schema).map((table) => countOf(database, `SELECT count(*) AS count FROM ${table}`));
  return { libraries, vectors: counts.reduce((sum, count) => sum + count, 0) };
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

/** The first schema with spaces of vectors; before it, all were in the first table. */
const firstWithSpaces = 14;

const tablesOf = (schema: number): readonly string[] =>
  schema < firstWithSpaces ? vectorTables.slice(0, 1) : vectorTables;

interface RowCheck {
  readonly query: string;
  /** What is wrong with the rows that are counted. */
  readonly words: string;
}

/** Checks of the vectors in one table. @param place 0 for even spaces, 1 for odd ones */
function vectorChecks(table: string, place: number, schema: number): readonly RowCheck[] {
  const joined = `chunks c JOIN libraries l ON l.key = c.library LEFT JOIN ${table} v ON v.chunk = c.key`;
  const isCurrent = schema < firstWithSpaces ? "TRUE" : `l.space % 2 = ${place}`;
  const current: readonly RowCheck[] = [
    {
      query: `SELECT count(*) AS count FROM ${joined} WHERE ${isCurrent} AND v.chunk IS NULL`,
      words: "chunks without a vector",
    },
    {
      query: `SELECT count(*) AS count FROM ${table} v LEFT JOIN chunks c ON c.key = v.chunk WHERE c.key IS NULL`,
      words: "vectors without a chunk",
    },
    {
      query: `SELECT count(*) AS count FROM ${joined} WHERE ${isCurrent} AND length(v.vector) <> 4 * l.dimension`,
      words: "vectors with another dimension than their library",
    },
  ];
  if (schema < firstWithSpaces) return current;
  const isNext = `l.space % 2 <> ${place} AND l.next_model IS NOT NULL AND l.deleted = 0 AND c.key <= l.next_after`;
  return [
    ...current,
    {
      query: `SELECT count(*) AS count FROM ${joined}
        WHERE ${isNext} AND coalesce(length(v.vector) <> 4 * l.next_dimension, TRUE)`,
      words: "chunks without a vector of the model that their library is re-embedded with",
    },
  ];
}

/** Rows with missing references. */
const documentChecks: readonly RowCheck[] = [
  {
    query: `SELECT count(*) AS count FROM chunks c JOIN libraries l ON l.key = c.library
      LEFT JOIN documents d ON d.key = c.document AND d.library = c.library WHERE l.deleted = 0 AND d.key IS NULL`,
    words: "chunks without a document",
  },
  {
    query: `SELECT count(*) AS count FROM documents d JOIN libraries l ON l.key = d.library
      WHERE l.deleted = 0 AND d.num_chunks <> (SELECT count(*) FROM chunks c WHERE c.document = d.key)`,
    words: "documents with a wrong chunk count",
  },
];

const rowFaults = (database: DatabaseSync, schema: number): readonly string[] =>
  [...tablesOf(schema).flatMap((table, place) => vectorChecks(table, place, schema)), ...documentChecks].flatMap(
    ({ query, words }) => {
      const count = countOf(database, query);
      return count === 0 ? [] : [`${words}: ${count}`];
    },
  );
