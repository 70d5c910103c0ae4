#!/usr/bin/env bash
# undici 7.30.2 and the EventSource of Node.js 24.21.0, eventsource 5.1.5 (beside them eventsource 4.1.1): a program that only
# listens ends, with status 0 and without a word, when its server ends the stream.
#
# EventSource is made to come back by itself. While one is open or waits to come back, it must not be collected (HTML Living
# Standard, 9.2.9), so a page listens for as long as it is shown. In Node a socket that is open keeps the program running,
# but these wait for the time of `retry` on a timer that is unref'd. Where nothing else keeps the program running, it ends
# in that pause: at the first restart of its server, as if its work were done, so that a supervisor that looks at the status
# does not start it again. Keep such a program running by something of your own, such as an interval, until you close the
# source.
#
# Output seen on 2026-11-28; the server ends the stream after each event, and says to come back after 50 ms:
#   undici: heard first, and ended with status 0
#   node: heard first, and ended with status 0
#   eventsource 5: heard first, and ended with status 0
#   eventsource 4: heard first second third, and ended with status 0
#   undici with an interval: heard first second third, and ended with status 0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund undici@7.30.2 eventsource5@npm:eventsource@5.1.5 eventsource4@npm:eventsource@4.1.1 node@24.21.0
cat > listen.mjs <<'END'
import * as four from "eventsource4";
import * as five from "eventsource5";
import * as undici from "undici";

const [url, name] = process.argv.slice(2);
const kinds = { undici, node: globalThis, "eventsource 5": five, "eventsource 4": four };
const { EventSource } = kinds[name.replace(" with an interval", "")];
const source = new EventSource(url);
const running = name.endsWith("interval") ? setInterval(() => undefined, 1_000) : undefined;
source.onmessage = ({ data }) => {
  console.log(data);
  if (data !== "third") return;
  clearInterval(running);
  source.close();
};
END
cat > serve.mjs <<'END'
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:http";

for (const name of ["undici", "node", "eventsource 5", "eventsource 4", "undici with an interval"]) {
  const events = ["first", "second", "third"];
  const server = createServer((_request, response) => {
    response.setHeader("content-type", "text/event-stream");
    response.end(`retry: 50\n\ndata: ${events.shift()}\n\n`);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${server.address().port}/`;
  const flags = ["--no-warnings", "--experimental-eventsource"];
  const program = spawn(process.execPath, [...flags, "listen.mjs", url, name], { stdio: ["ignore", "pipe", "inherit"] });
  const heard = [];
  program.stdout.on("data", (data) => heard.push(String(data).trim()));
  const [status] = await once(program, "close");
  console.log(`${name}: heard ${heard.join(" ")}, and ended with status ${status}`);
  server.closeAllConnections();
  server.close();
}
END
node_modules/.bin/node serve.mjs | tee output.txt
diff output.txt - <<'END'
undici: heard first, and ended with status 0
node: heard first, and ended with status 0
eventsource 5: heard first, and ended with status 0
eventsource 4: heard first second third, and ended with status 0
undici with an interval: heard first second third, and ended with status 0
END
