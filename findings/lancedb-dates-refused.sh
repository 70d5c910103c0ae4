#!/usr/bin/env bash
# @lancedb/lancedb 0.39.0 with apache-arrow 18.1.0: a Date in a row is refused, although Arrow has a type for it.
#
# Arrow's own inference makes a millisecond timestamp of a Date. LanceDB infers the columns of plain objects by itself,
# and does not know dates: createTable fails and asks for an explicit schema. With a schema that names the column as
# Timestamp the same rows are stored.
#
# Output seen on 2026-11-27:
#   Arrow alone: Timestamp<MILLISECOND>
#   createTable: Failed to infer data type for field published at row 0. Consider providing an explicit schema.
#   createTable with a schema: 1 row
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --no-audit --no-fund --silent @lancedb/lancedb@0.39.0 apache-arrow@18.1.0
cat > store.mjs <<'END'
import * as lancedb from "@lancedb/lancedb";
import { Field, FixedSizeList, Float32, Schema, TimestampMillisecond, vectorFromArray } from "apache-arrow";

const rows = [{ vector: [1, 0], published: new Date("2026-11-27T10:00:00Z") }];
console.log(`Arrow alone: ${vectorFromArray(rows.map((row) => row.published)).type}`);

const database = await lancedb.connect("data");
try {
  await database.createTable("inferred", rows);
  console.log("createTable: stored");
} catch (error) {
  console.log(`createTable: ${error.message}`);
}
const schema = new Schema([
  new Field("vector", new FixedSizeList(2, new Field("item", new Float32(), true)), true),
  new Field("published", new TimestampMillisecond(), true),
]);
const table = await database.createTable("explicit", rows, { schema });
console.log(`createTable with a schema: ${await table.countRows()} row`);
END
node store.mjs | tee output.txt
diff output.txt - <<'END'
Arrow alone: Timestamp<MILLISECOND>
createTable: Failed to infer data type for field published at row 0. Consider providing an explicit schema.
createTable with a schema: 1 row
END
