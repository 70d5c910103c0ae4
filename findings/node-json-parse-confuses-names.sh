#!/usr/bin/env bash
# Node.js 24 to 26, JSON.parse(): a name with an escape may be read as another name, one that an earlier text had. After
# {"x": 1, "a\\": 2}, whose second name is `a` and a backslash, every object of the process that begins with "x" and
# goes on with `a` and any escape is given that name: "a\n", and "a\u00e9", which is how Python's json.dumps writes `aé`.
# A name without an escape is read as it is, and so is everything in Node.js 22 (nodejs/node#63785).
#
# Seen with node@22.23.3, node@24.21.0 and node@26.10.0:
#   v22.23.3: "a\n" is "a\n", "a\u00e9" is "aé", "aé" is "aé"
#   v24.21.0: "a\n" is "a\\", "a\u00e9" is "a\\", "aé" is "aé"
#   v26.10.0: "a\n" is "a\\", "a\u00e9" is "a\\", "aé" is "aé"
set -euo pipefail
script=$(realpath "$0")
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > run.mjs <<'END'
JSON.parse(String.raw`{"x":1,"a\\":2}`);
const seen = [String.raw`"a\n"`, String.raw`"a\u00e9"`, '"aé"'].map((name) => {
  const [, read] = Object.keys(JSON.parse(`{"x":1,${name}:2}`));
  return `${name} is ${JSON.stringify(read)}`;
});
console.log(`${process.version}: ${seen.join(", ")}`);
END
for version in 22.23.3 24.21.0 26.10.0; do
  npm install --silent --no-audit --no-fund --prefix "$folder/$version" "node@$version" >/dev/null
  timeout 60 "$folder/$version/node_modules/.bin/node" run.mjs
done | tee seen.txt
diff <(sed -n 's/^#   //p' "$script") seen.txt && echo "as it was seen"
