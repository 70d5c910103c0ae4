#!/usr/bin/env bash
# Node 22.19.0 (node:sqlite): a statement with numbered parameters (?1, ?2) cannot be given its values in order.
#
# SQLite numbers parameters itself: in "a = ?1 AND b = ?2", the first value is that of ?1, the second that of ?2, which is
# how one value is used at two places ("a = ?1 OR b = ?1"). Other drivers for Node bind them by position. node:sqlite of
# Node 22 takes ?1 for a parameter with a name, so that no place is left for positional values: all(), get() and run() throw
# "column index out of range", where plain ? works. Node 24 binds them. Code that was tried on Node 24 alone fails on 22,
# and only when the statement is run: preparing it succeeds.
#
# Output seen on 2026-11-28:
#   v22.19.0 plain: [{"a":1,"b":2}]
#   v22.19.0 numbered: column index out of range
#   v24.21.0 plain: [{"a":1,"b":2}]
#   v24.21.0 numbered: [{"a":1,"b":2}]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > package.json <<'END'
{
  "private": true,
  "dependencies": {"node22": "npm:node@22.19.0", "node24": "npm:node@24.21.0"},
  "allowScripts": {"node22": true, "node24": true, "node": true}
}
END
npm install --silent --no-audit --no-fund
cat > select.mjs <<'END'
import { DatabaseSync } from "node:sqlite";

const database = new DatabaseSync(":memory:");
database.exec("CREATE TABLE t (a INTEGER, b INTEGER); INSERT INTO t VALUES (1, 2), (3, 4)");
const statements = { plain: "a = ? AND b = ?", numbered: "a = ?1 AND b = ?2" };
for (const [name, condition] of Object.entries(statements)) {
  const statement = database.prepare(`SELECT * FROM t WHERE ${condition}`);
  let seen;
  try {
    seen = JSON.stringify(statement.all(1, 2));
  } catch (error) {
    seen = error.message;
  }
  console.log(`${process.version} ${name}: ${seen}`);
}
END
seen=$(for node in node22 node24; do "node_modules/$node/bin/node" --no-warnings select.mjs; done)
echo "$seen"
expected='v22.19.0 plain: [{"a":1,"b":2}]
v22.19.0 numbered: column index out of range
v24.21.0 plain: [{"a":1,"b":2}]
v24.21.0 numbered: [{"a":1,"b":2}]'
[ "$seen" = "$expected" ] || { echo "This has changed"; exit 1; }
