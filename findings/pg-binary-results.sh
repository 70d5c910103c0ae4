#!/usr/bin/env bash
# pg 8.23.1 (node-postgres) with `binary: true`: numbers of statements with parameters are read wrong, without an error.
#
# The option asks PostgreSQL for results in its binary format, which is what one would want for vectors and large results. The
# parser reads every field as UTF-8 text first and turns that back into bytes, so each byte from 0x80 to 0xff becomes the three
# bytes of U+FFFD. A number whose bytes are all below 0x80 is right, any other is another number: 127 stays, 200 becomes 239.
# Statements without parameters are answered as text, and are right, so a try by hand does not show it.
#
# Output seen on 2026-11-28 (PGlite 0.5.14 as the server):
#   127 as int: 127 without parameters, 127 with
#   200 as int: 200 without parameters, 239 with
#   32768 as bigint: 32768 without parameters, 61375 with
#   1.5 as float8: 1.5 without parameters, 0.9921555519104004 with
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{}' > package.json
npm install --no-audit --no-fund --silent pg@8.23.1 @electric-sql/pglite@0.5.14 @electric-sql/pglite-socket@0.2.17
cat > read.mjs <<'JS'
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import pg from "pg";

const database = await PGlite.create();
const server = new PGLiteSocketServer({ db: database, host: "127.0.0.1", port: 0 });
await server.start();
const port = Number(server.getServerConn().split(":").pop());
const client = new pg.Client({ host: "127.0.0.1", port, user: "postgres", database: "postgres", binary: true });
await client.connect();
const valueOf = ({ rows: [{ value }] }) => Number(value);
for (const [number, type] of [["127", "int"], ["200", "int"], ["32768", "bigint"], ["1.5", "float8"]]) {
  const without = valueOf(await client.query(`SELECT ${number}::${type} AS value`));
  const given = valueOf(await client.query(`SELECT $1::text::${type} AS value`, [number]));
  console.log(`${number} as ${type}: ${without} without parameters, ${given} with`);
}
await client.end();
await server.stop();
await database.close();
JS
node read.mjs | tee output.txt
diff output.txt - <<'TEXT'
127 as int: 127 without parameters, 127 with
200 as int: 200 without parameters, 239 with
32768 as bigint: 32768 without parameters, 61375 with
1.5 as float8: 1.5 without parameters, 0.9921555519104004 with
TEXT
