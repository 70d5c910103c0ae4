#!/usr/bin/env bash
# Node.js 24.21.0 (node:http): once close() was called, a server no longer looks for requests whose head does not come in
# time, and closeIdleConnections() leaves alone a connection on which nothing was ever sent.
#
# `headersTimeout` lets go of a connection that sends nothing: here after 200 ms. close() closes idle connections and
# waits for the others, and it also stops the timer that enforces `headersTimeout`. A connection that was opened ahead
# and never used, as browsers and HTTP agents do, counts as one that is not idle. So "stop listening, close what is
# idle, wait for the rest, each within its time-out" waits for a peer that has nothing to say and that nothing lets go of,
# until the peer ends it or closeAllConnections() cuts off the requests that are in progress as well.
#
# Output seen on 2026-11-28:
#   while listening: closed by the server
#   after close() and closeIdleConnections(), five times headersTimeout later: open
#   after closeAllConnections(): closed by the server
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund node@24.21.0
cat > close.mjs <<'END'
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

const headersTimeout = 200;
const server = createServer({ headersTimeout, connectionsCheckingInterval: 20 }, (_request, response) => response.end());
server.listen(0, "127.0.0.1");
await once(server, "listening");
const open = async () => {
  const socket = connect(server.address().port, "127.0.0.1").resume();
  socket.on("error", () => {});
  await once(socket, "connect");
  return { closed: once(socket, "close").then(() => "closed by the server") };
};
const state = ({ closed }, patience) => Promise.race([closed, wait(patience, "open")]);

console.log(`while listening: ${await state(await open(), 20 * headersTimeout)}`);
const ahead = await open();
const stopped = new Promise((resolve) => server.close(resolve));
server.closeIdleConnections();
const later = await state(ahead, 5 * headersTimeout);
console.log(`after close() and closeIdleConnections(), five times headersTimeout later: ${later}`);
server.closeAllConnections();
console.log(`after closeAllConnections(): ${await state(ahead, 20 * headersTimeout)}`);
await stopped;
END
node_modules/.bin/node close.mjs | tee output.txt
diff output.txt - <<'END'
while listening: closed by the server
after close() and closeIdleConnections(), five times headersTimeout later: open
after closeAllConnections(): closed by the server
END
