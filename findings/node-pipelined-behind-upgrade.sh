#!/usr/bin/env bash
# Node.js 24.21.0, http.createServer(): a request that arrives in one packet with one whose `Upgrade` is ignored is
# dropped without a word.
#
# A server may ignore `Upgrade` and answer as if it were not there (RFC 9110, 7.8); the connection goes on as HTTP/1.1. Node
# ignores it where nobody listens for `upgrade`, and, from 24.9 on, where `shouldUpgradeCallback` says no. It answers
# with `Connection: keep-alive`, and answers what is sent afterwards. But bytes that came together with the ignored one are
# thrown away, behind its body too: no answer, no `clientError`, no close. So one who pipelines behind `Upgrade: h2c`, which
# Java's HttpClient and `curl --http2` offer, has to wait for the first answer.
#
# Seen with node@24.21.0; /a and /b are sent together, /c after the answer to /a:
#   Upgrade, nobody listens: GET/a GET/c
#   Upgrade, shouldUpgradeCallback says no: GET/a GET/c
#   Upgrade with a body, nobody listens: POST/a GET/c
#   no Upgrade: GET/a GET/b GET/c
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" node@24.21.0 >/dev/null
cat > run.mjs <<'END'
import { once } from "node:events";
import { createServer } from "node:http";
import { connect } from "node:net";

const h2c = "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
const get = (path, headers = "") => `GET ${path} HTTP/1.1\r\nHost: x\r\n${headers}\r\n`;
const post = `POST /a HTTP/1.1\r\nHost: x\r\n${h2c}Content-Length: 2\r\n\r\nhi`;

async function show(name, first, options = {}) {
  const server = createServer(options, (request, response) => {
    request.resume().on("end", () => response.end(`[${request.method}${request.url}]`));
  });
  if ("shouldUpgradeCallback" in options) server.on("upgrade", (_request, socket) => socket.destroy());
  server.on("clientError", (error, socket) => socket.end(`[clientError ${error.code}]`));
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const socket = connect(server.address().port, "127.0.0.1");
  let heard = "";
  socket.on("data", (data) => {
    const begins = heard === "";
    heard += data;
    if (begins) socket.write(get("/c", "Connection: close\r\n"));
  });
  socket.write(first + get("/b"));
  await once(socket, "close");
  console.log(`${name}: ${[...heard.matchAll(/\[(.*?)\]/g)].map(([, answer]) => answer).join(" ")}`);
  server.close();
}

await show("Upgrade, nobody listens", get("/a", h2c));
await show("Upgrade, shouldUpgradeCallback says no", get("/a", h2c), { shouldUpgradeCallback: () => false });
await show("Upgrade with a body, nobody listens", post);
await show("no Upgrade", get("/a"));
END
node_modules/.bin/node run.mjs | tee output.txt
diff output.txt - <<'END'
Upgrade, nobody listens: GET/a GET/c
Upgrade, shouldUpgradeCallback says no: GET/a GET/c
Upgrade with a body, nobody listens: POST/a GET/c
no Upgrade: GET/a GET/b GET/c
END
