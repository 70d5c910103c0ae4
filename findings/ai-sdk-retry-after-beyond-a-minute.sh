#!/usr/bin/env bash
# AI SDK (ai 7.0.173, @ai-sdk/openai 4.0.118; Node 22 or newer): a Retry-After of a minute or more makes it come back sooner.
#
# embedMany(), generateText() and the others try a call again after 429 and 5xx, and wait as long as `Retry-After` says,
# if that is less than 60 seconds. From 60 seconds on the header is passed over: the next attempt comes after the usual
# pause, which is 2 seconds at first. So a server that asks for 1 second is left alone for 1 second, and one that asks for
# an hour is called again after 2. The time is the same for `Retry-After` as a date. Who wants to honour it has to set
# maxRetries: 0 and read `responseHeaders` of the error.
#
# Output seen on 2026-11-28, seconds between the first call and the second:
#   Retry-After: 1 -> 1
#   Retry-After: 59 -> not within 8 seconds
#   Retry-After: 60 -> 2
#   Retry-After: 3600 -> 2
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts ai@7.0.173 @ai-sdk/openai@4.0.118 zod@4.1.8
cat > retry.mjs <<'END'
import { once } from "node:events";
import { createServer } from "node:http";
import { createOpenAI } from "@ai-sdk/openai";
import { embedMany } from "ai";

let calls = [];
let retryAfter;
const server = createServer((request, response) => {
  request.resume();
  calls.push(performance.now());
  response.writeHead(429, { "retry-after": retryAfter, "content-type": "application/json" });
  response.end(JSON.stringify({ error: { message: "later", type: "rate_limit", param: null, code: null } }));
}).listen(0, "127.0.0.1");
await once(server, "listening");
const model = createOpenAI({ baseURL: `http://127.0.0.1:${server.address().port}/v1`, apiKey: "none" }).embeddingModel("m");
for (retryAfter of ["1", "59", "60", "3600"]) {
  calls = [];
  await embedMany({ model, values: ["a"], maxRetries: 1, abortSignal: AbortSignal.timeout(8_000) }).catch(() => undefined);
  const [first, second] = calls;
  const waited = second === undefined ? "not within 8 seconds" : Math.floor((second - first) / 1_000);
  console.log(`Retry-After: ${retryAfter} -> ${waited}`);
}
server.close();
server.closeAllConnections();
END
node retry.mjs | tee output.txt
diff output.txt - <<'END'
Retry-After: 1 -> 1
Retry-After: 59 -> not within 8 seconds
Retry-After: 60 -> 2
Retry-After: 3600 -> 2
END
