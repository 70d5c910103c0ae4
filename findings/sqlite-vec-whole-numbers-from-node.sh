#!/usr/bin/env bash
# sqlite-vec 0.1.9 with node:sqlite of Node 24.21: whole numbers of JavaScript are refused, in rows but not in queries.
#
# node:sqlite binds every JavaScript number as REAL, 1 as well as 1.5; only a bigint is bound as INTEGER. Ordinary tables
# hide this, as a column of type INTEGER converts 1.0 back. Columns of a vec0 table do not: a rowid and an integer
# metadata column refuse 1 and take 1n. In a query the same number is taken: `year = ?` with 2020 finds the rows.
#
# Output seen on 2026-11-27:
#   typeof(1): real, typeof(1n): integer, in an INTEGER column: integer
#   rowid 1: Only integers are allows for primary key values on items
#   year 2020: Expected integer for INTEGER metadata column year, received FLOAT
#   rowid 1n, year 2020n: stored
#   year = 2020 in a query: 1 row
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{"allowScripts": {"node": true}}' > package.json
npm install --no-audit --no-fund --silent node@24.21.0 sqlite-vec@0.1.9
cat > bind.mjs <<'END'
import { DatabaseSync } from "node:sqlite";
import * as sqliteVec from "sqlite-vec";

const database = new DatabaseSync(":memory:", { allowExtension: true });
sqliteVec.load(database);
const typeOf = (value) => database.prepare("SELECT typeof(?) AS type").get(value).type;
database.exec("CREATE TABLE plain (year INTEGER)");
database.prepare("INSERT INTO plain VALUES (?)").run(1);
const stored = database.prepare("SELECT typeof(year) AS type FROM plain").get().type;
console.log(`typeof(1): ${typeOf(1)}, typeof(1n): ${typeOf(1n)}, in an INTEGER column: ${stored}`);

database.exec("CREATE VIRTUAL TABLE items USING vec0(embedding float[2], year integer)");
const insert = database.prepare("INSERT INTO items(rowid, embedding, year) VALUES (?, ?, ?)");
const embedding = new Float32Array([1, 0]);
const store = (rowid, year) => {
  try {
    insert.run(rowid, embedding, year);
    return "stored";
  } catch (error) {
    return error.message;
  }
};
console.log(`rowid 1: ${store(1, 2020n)}`);
console.log(`year 2020: ${store(1n, 2020)}`);
console.log(`rowid 1n, year 2020n: ${store(1n, 2020n)}`);
const query = database.prepare("SELECT rowid FROM items WHERE embedding MATCH ? AND k = 5 AND year = ?");
console.log(`year = 2020 in a query: ${query.all(embedding, 2020).length} row`);
END
node_modules/.bin/node bind.mjs 2>/dev/null | tee output.txt
diff output.txt - <<'END'
typeof(1): real, typeof(1n): integer, in an INTEGER column: integer
rowid 1: Only integers are allows for primary key values on items
year 2020: Expected integer for INTEGER metadata column year, received FLOAT
rowid 1n, year 2020n: stored
year = 2020 in a query: 1 row
END
