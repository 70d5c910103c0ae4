#!/usr/bin/env bash
# sqlite-vec 0.1.9 (SQLite 3.53 of Node 24.21, node:sqlite): two conditions that mean the same give different answers.
#
# A vec0 table applies `year != 2000` while it looks for the k nearest, so k rows that pass are found. `NOT (year = 2000)`
# and `year + 0 = 2001` are not handed to it: SQLite applies them to the k rows that came back. The query succeeds with
# fewer rows than exist, here none, and nothing says so. `IS NULL`, GLOB and LIKE on a metadata column do raise an error
# that names the operators it takes, so a query without an error looks as if it was filtered.
#
# Output seen on 2026-11-27:
#   year != 2000                        -> 5 rows
#   year IN (2001, 1999)                -> 5 rows
#   NOT (year = 2000)                   -> 0 rows
#   year + 0 = 2001                     -> 0 rows
#   year = 2001 OR author = 'nobody'    -> 0 rows
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"allowScripts": {"node": true}}' > package.json
npm install --no-audit --no-fund --silent node@24.21.0 sqlite-vec@0.1.9
cat > query.mjs <<'END'
import { DatabaseSync } from "node:sqlite";
import * as sqliteVec from "sqlite-vec";

const database = new DatabaseSync(":memory:", { allowExtension: true });
sqliteVec.load(database);
database.exec("CREATE VIRTUAL TABLE items USING vec0(embedding float[2], year integer, author text)");
const insert = database.prepare("INSERT INTO items(rowid, embedding, year, author) VALUES (?, ?, ?, 'somebody')");
// The 50 nearest are of 2000, the next 50 of 2001.
for (let i = 1; i <= 100; i++) insert.run(BigInt(i), new Float32Array([1, i / 10]), i > 50 ? 2001n : 2000n);

const conditions = [
  "year != 2000",
  "year IN (2001, 1999)",
  "NOT (year = 2000)",
  "year + 0 = 2001",
  "year = 2001 OR author = 'nobody'",
];
for (const condition of conditions) {
  const rows = database
    .prepare(`SELECT rowid FROM items WHERE embedding MATCH ? AND k = 5 AND (${condition})`)
    .all(new Float32Array([1, 0]));
  console.log(`${condition.padEnd(35)} -> ${rows.length} rows`);
}
END
node_modules/.bin/node query.mjs 2>/dev/null | tee output.txt
diff output.txt - <<'END'
year != 2000                        -> 5 rows
year IN (2001, 1999)                -> 5 rows
NOT (year = 2000)                   -> 0 rows
year + 0 = 2001                     -> 0 rows
year = 2001 OR author = 'nobody'    -> 0 rows
END
