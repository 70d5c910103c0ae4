#!/usr/bin/env bash
# @microsoft/fetch-event-source 2.0.1 (beside it eventsource 4.1.1): onmessage is called for blocks of a stream that are no event.
#
# A block without `data` is no event (HTML Living Standard, 9.2.6): browsers keep its `id` for Last-Event-ID and dispatch
# nothing, and a block of comments keeps the connection open unseen. fetch-event-source hands on a message for each blank
# line, with empty `data`. So a server that follows the standard and sends ": still here" or a bare "id: 7" makes
# JSON.parse(message.data) throw in the handler, which ends the stream by way of onerror, or hands its users events that
# nobody sent. Give heartbeats and positions data, and a name of their own.
#
# Output seen on 2026-11-28, for one stream of an event, a comment, a bare id, a bare retry, and an event:
#   eventsource: ["first","second"]
#   fetch-event-source: ["first","","","","second"]
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts @microsoft/fetch-event-source@2.0.1 eventsource@4.1.1
cat > listen.mjs <<'END'
import { once } from "node:events";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { EventSource } from "eventsource";

const stream = "data: first\n\n: still here\n\nid: 7\n\nretry: 2000\n\ndata: second\n\n";
const server = createServer((_request, response) => {
  response.setHeader("content-type", "text/event-stream");
  response.end(stream);
}).listen(0, "127.0.0.1");
await once(server, "listening");
const url = `http://127.0.0.1:${server.address().port}/`;

const standard = [];
const source = new EventSource(url);
source.onmessage = ({ data }) => standard.push(data);
await new Promise((resolve) => (source.onerror = resolve));
source.close();
console.log(`eventsource: ${JSON.stringify(standard)}`);

// It is made for browsers: of their window it uses timers, of their document the events.
globalThis.window = globalThis;
globalThis.document = new EventTarget();
const { fetchEventSource } = createRequire(import.meta.url)("@microsoft/fetch-event-source");
const messages = [];
await fetchEventSource(url, { openWhenHidden: true, fetch, onmessage: ({ data }) => messages.push(data) });
console.log(`fetch-event-source: ${JSON.stringify(messages)}`);
server.close();
END
node listen.mjs | tee output.txt
diff output.txt - <<'END'
eventsource: ["first","second"]
fetch-event-source: ["first","","","","second"]
END
