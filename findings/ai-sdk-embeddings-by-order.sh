#!/usr/bin/env bash
# AI SDK (ai 7.0.173, @ai-sdk/openai 4.0.118, @ai-sdk/openai-compatible 3.0.92; Node 22 or newer): embedMany() gives each
# text the vector that stands at its place in the answer. It does not look at `index`.
#
# Each item of OpenAI's POST /embeddings answer names the text that it is of: {"object":"embedding","index":1,...}. A
# server may put its items in any order. embedMany() promises "embeddings in the same order as the values"; both models
# drop `index` when they parse the answer, so vectors reach the wrong texts without an error. An index that stands there
# twice, or of a text that nobody sent, passes as well. The raw answer is in `responses[0].body` for one who looks there.
# OpenAI itself sends them in order; gateways that split a batch over several machines need not.
#
# Output seen on 2026-11-28; the server gives text "n" the vector [n]:
#   openai, last item first: a=3 b=2 c=1
#   openai, index 0 three times: a=1 b=2 c=3
#   openai-compatible, last item first: a=3 b=2 c=1
#   openai-compatible, index 0 three times: a=1 b=2 c=3
#   raw answer: 2,1,0
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund --ignore-scripts \
  ai@7.0.173 @ai-sdk/openai@4.0.118 @ai-sdk/openai-compatible@3.0.92 zod@4.1.8
cat > embed.mjs <<'END'
import { once } from "node:events";
import { createServer } from "node:http";
import { json } from "node:stream/consumers";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { embedMany } from "ai";

const vectors = { a: [1], b: [2], c: [3] };
const changes = {
  "last item first": (items) => items.toReversed(),
  "index 0 three times": (items) => items.map((item) => ({ ...item, index: 0 })),
};
let change;
const server = createServer(async (request, response) => {
  const { input } = await json(request);
  const items = input.map((text, index) => ({ object: "embedding", index, embedding: vectors[text] }));
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify({ object: "list", data: change(items), usage: { prompt_tokens: 3, total_tokens: 3 } }));
}).listen(0, "127.0.0.1");
await once(server, "listening");
const baseURL = `http://127.0.0.1:${server.address().port}/v1`;
const models = {
  openai: createOpenAI({ baseURL, apiKey: "none" }).embeddingModel("m"),
  "openai-compatible": createOpenAICompatible({ name: "own", baseURL }).embeddingModel("m"),
};
let raw;
for (const [provider, model] of Object.entries(models)) {
  for (const [name, how] of Object.entries(changes)) {
    change = how;
    const { values, embeddings, responses } = await embedMany({ model, values: ["a", "b", "c"], maxRetries: 0 });
    console.log(`${provider}, ${name}: ${values.map((text, at) => `${text}=${embeddings[at][0]}`).join(" ")}`);
    if (name === "last item first") raw = responses[0].body.data.map(({ index }) => index);
  }
}
console.log(`raw answer: ${raw.join(",")}`);
server.close();
server.closeAllConnections();
END
node embed.mjs | tee output.txt
diff output.txt - <<'END'
openai, last item first: a=3 b=2 c=1
openai, index 0 three times: a=1 b=2 c=3
openai-compatible, last item first: a=3 b=2 c=1
openai-compatible, index 0 three times: a=1 b=2 c=3
raw answer: 2,1,0
END
