#!/usr/bin/env bash
# Readers of lines that cut a line of NDJSON, or the `data` of an event stream, in two where its text has U+2028, U+2029 or
# U+0085. JSON.stringify() and json.dumps(ensure_ascii=False) write these as they are, and only "\n" ends a line of NDJSON.
# Node.js's readline does so from version 24 on (nodejs/node#22448), httpx's iter_lines(), and requests' with
# decode_unicode=True, by str.splitlines(). What is sent to such readers has to have them escaped.
#
# Seen with node@22.23.3, node@24.21.0, node@26.10.0, httpx 0.28.1 and requests 2.34.2, of one line with each of the three:
#   node v22.23.3 readline: 1
#   node v24.21.0 readline: 3
#   node v26.10.0 readline: 3
#   httpx iter_lines: 4
#   requests iter_lines: 1
#   requests iter_lines with decode_unicode: 4
set -euo pipefail
script=$(realpath "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > run.mjs <<'END'
import { createInterface } from "node:readline";
import { Readable } from "node:stream";

const line = `${JSON.stringify({ text: "one\u0085two\u2028three\u2029four" })}\n`;
let count = 0;
for await (const _ of createInterface({ input: Readable.from([Buffer.from(line)]) })) count++;
console.log(`node ${process.version} readline: ${count}`);
END
cat > run.py <<'END'
import io, json
import httpx, requests

line = (json.dumps({"text": "one\u0085two\u2028three\u2029four"}, ensure_ascii=False) + "\n").encode()
print("httpx iter_lines:", len(list(httpx.Response(200, content=line).iter_lines())))
for decode in [False, True]:
    response = requests.Response()
    response.raw, response.encoding = io.BytesIO(line), "utf-8"
    count = len(list(response.iter_lines(decode_unicode=decode)))
    print(f"requests iter_lines{' with decode_unicode' if decode else ''}: {count}")
END
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check httpx==0.28.1 requests==2.34.2
{
  for version in 22.23.3 24.21.0 26.10.0; do
    npm install --silent --no-audit --no-fund --prefix "$folder/$version" "node@$version" >/dev/null
    timeout 60 "$folder/$version/node_modules/.bin/node" run.mjs
  done
  timeout 60 python/bin/python run.py
} | tee seen.txt
diff <(sed -n 's/^#   //p' "$script") seen.txt && echo "as it was seen"
