#!/usr/bin/env bash
# @lancedb/lancedb 0.39.0: the name of a column decides whether its numbers are kept or rounded.
#
# Where a table is made from plain objects, a list of numbers becomes List<Float64>, which holds whole numbers up to
# 2^53. If the column's name contains "vector" or "embedding", whatever it is for, it becomes FixedSizeList<Float32>:
# whole numbers above 2^24 are rounded without an error, and rows whose lists differ in length are refused. An explicit
# schema avoids both.
#
# Output seen on 2026-11-27, for the same lists [16777217, 3] and [16777219, 4] in two columns:
#   token_ids: List<Float64> 16777217 3, 16777219 4
#   embedding_token_ids: FixedSizeList[2]<Float32> 16777216 3, 16777220 4
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --no-audit --no-fund --silent @lancedb/lancedb@0.39.0 apache-arrow@18.1.0
cat > store.mjs <<'END'
import * as lancedb from "@lancedb/lancedb";

const database = await lancedb.connect("data");
const table = await database.createTable("documents", [
  { id: 1, vector: [1, 0], token_ids: [16777217, 3], embedding_token_ids: [16777217, 3] },
  { id: 2, vector: [0, 1], token_ids: [16777219, 4], embedding_token_ids: [16777219, 4] },
]);
const schema = await table.schema();
const rows = await table.query().toArray();
for (const name of ["token_ids", "embedding_token_ids"]) {
  const type = schema.fields.find((field) => field.name === name).type;
  console.log(`${name}: ${type} ${rows.map((row) => [...row[name]].join(" ")).join(", ")}`);
}
END
node store.mjs | tee output.txt
diff output.txt - <<'END'
token_ids: List<Float64> 16777217 3, 16777219 4
embedding_token_ids: FixedSizeList[2]<Float32> 16777216 3, 16777220 4
END
