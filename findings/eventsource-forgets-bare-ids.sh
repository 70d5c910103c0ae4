#!/usr/bin/env bash
# eventsource 4.1.1 with eventsource-parser 3.1.1 (beside them undici 7.30.2; Node 22 or newer): an `id` in a block without
# data is forgotten, so the client comes back to an older position.
#
# A server of a narrowed stream tells how far it has come with a block that is only "id: 7". To dispatch such a block means,
# first, to keep the id as the last event id of the source, and then to stop, as there is no data (HTML Living Standard,
# 9.2.6). Browsers and undici send it as Last-Event-ID when they come back. eventsource-parser hands no block without data
# on, and what it knew of the id goes with it: eventsource sends the id of the last event that had data, or none at all, and
# is told everything since then again. Give positions data, and a name of their own.
#
# Output seen on 2026-11-28; the stream is an event without an id and "id: 7", and after that an event without an id:
#   eventsource: comes back with no id, and the next event has the id ""
#   undici: comes back with the id 7, and the next event has the id "7"
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund eventsource@4.1.1 eventsource-parser@3.1.1 undici@7.30.2 node@24.21.0
cat > listen.mjs <<'END'
import { once } from "node:events";
import { createServer } from "node:http";
import { EventSource as OfEventsource } from "eventsource";
import { EventSource as OfUndici } from "undici";

const streams = ["retry: 10\n\ndata: first\n\nid: 7\n\n", "data: second\n\n"];
for (const [name, EventSource] of Object.entries({ eventsource: OfEventsource, undici: OfUndici })) {
  const asked = [];
  const server = createServer(({ headers }, response) => {
    response.setHeader("content-type", "text/event-stream");
    response.end(streams[asked.length]);
    asked.push(headers["last-event-id"]);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const source = new EventSource(`http://127.0.0.1:${server.address().port}/`);
  const second = await new Promise((resolve) => {
    source.onmessage = (message) => message.data === "second" && resolve(message);
  });
  source.close();
  const sent = asked[1] === undefined ? "no id" : `the id ${asked[1]}`;
  console.log(`${name}: comes back with ${sent}, and the next event has the id "${second.lastEventId}"`);
  server.closeAllConnections();
  server.close();
}
process.exit();
END
node_modules/.bin/node --no-warnings listen.mjs | tee output.txt
diff output.txt - <<'END'
eventsource: comes back with no id, and the next event has the id ""
undici: comes back with the id 7, and the next event has the id "7"
END
