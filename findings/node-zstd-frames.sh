#!/usr/bin/env bash
# Node.js 24.21.0, zlib.createZstdDecompress(): what follows the first frame of a zstd stream (RFC 8878 allows many, and
# `zstd -c more >> file.zst` and pzstd make them) is decoded or thrown away without an error, depending on where the
# stream was cut into chunks. A frame that ends with its chunk is followed by the next; one that ends within a chunk ends
# the stream. zlib.createGunzip() reads all members either way. createInflate() and createBrotliDecompress() pass over
# what follows their end without an error, too.
#
# Seen with node@24.21.0:
#   zstd, two frames in two chunks: "one two"
#   zstd, two frames in one chunk: "one"
#   zstd, a skippable frame and a frame in one chunk: ""
#   zstd, a frame and garbage in one chunk: "one"
#   gzip, two members in two chunks: "one two"
#   gzip, two members in one chunk: "one two"
#   br, a stream and garbage in one chunk: "one"
#   deflate, a stream and garbage in one chunk: "one"
set -euo pipefail
script=$(realpath "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --prefix "$folder" node@24.21.0 >/dev/null
cat > run.mjs <<'END'
import * as zlib from "node:zlib";

async function decode(engine, chunks) {
  let text = "";
  engine.on("data", (part) => (text += part));
  const closed = new Promise((resolve) => engine.on("close", resolve));
  engine.on("error", (error) => (text += `(${error.message})`));
  for (const chunk of chunks) await new Promise((resolve) => engine.write(chunk, resolve));
  engine.end();
  await closed;
  return JSON.stringify(text.trim());
}

const garbage = Buffer.from("garbage");
const zstd = [zlib.zstdCompressSync("one "), zlib.zstdCompressSync("two ")];
const gzip = [zlib.gzipSync("one "), zlib.gzipSync("two ")];
const skippable = Buffer.from("502a4d1800000000", "hex");
const show = async (what, engine, chunks) => console.log(`${what}: ${await decode(engine, chunks)}`);

await show("zstd, two frames in two chunks", zlib.createZstdDecompress(), zstd);
await show("zstd, two frames in one chunk", zlib.createZstdDecompress(), [Buffer.concat(zstd)]);
const skipped = [Buffer.concat([skippable, zstd[0]])];
await show("zstd, a skippable frame and a frame in one chunk", zlib.createZstdDecompress(), skipped);
await show("zstd, a frame and garbage in one chunk", zlib.createZstdDecompress(), [Buffer.concat([zstd[0], garbage])]);
await show("gzip, two members in two chunks", zlib.createGunzip(), gzip);
await show("gzip, two members in one chunk", zlib.createGunzip(), [Buffer.concat(gzip)]);
const br = [Buffer.concat([zlib.brotliCompressSync("one "), garbage])];
await show("br, a stream and garbage in one chunk", zlib.createBrotliDecompress(), br);
const deflate = [Buffer.concat([zlib.deflateSync("one "), garbage])];
await show("deflate, a stream and garbage in one chunk", zlib.createInflate(), deflate);
END
timeout 60 ./node_modules/.bin/node run.mjs | tee seen.txt
diff <(sed -n 's/^#   //p' "$script") seen.txt && echo "as it was seen"
