#!/usr/bin/env bash
# openapi-python-client 0.29.1 (Python 3.11 or newer): an answer whose schema narrows a number by `const` is left out of the
# client, where `enum` with that one value is taken.
#
# JSON Schema says that `const` is the same as an `enum` of one value (Validation, 6.1.3), and OpenAPI 3.1 schemas are JSON
# Schemas. To describe an error of one status, a schema that many share is narrowed: allOf Problem and {"status": {"const":
# 404}}. The generator brings `integer` together with `enum`, but not with `const`, with or without a type beside it. It
# warns, and writes a client that gives None in place of such an answer, so that whoever asks hears of no error at all.
# Write an `enum` with its type.
#
# Output seen on 2026-11-28; the statuses that the client knows of the four that are described:
#   {"const": 404}: left out
#   {"type": "integer", "const": 409}: left out
#   {"enum": [410]}: known
#   {"type": "integer", "enum": [422]}: known
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv python
python/bin/pip install --quiet --disable-pip-version-check openapi-python-client==0.29.1 attrs==26.1.0 httpx==0.28.1
cat > describe.py <<'END'
import json, pathlib, sys

statuses = [{"const": 404}, {"type": "integer", "const": 409}, {"enum": [410]}, {"type": "integer", "enum": [422]}]
number = lambda status: status.get("const") or status["enum"][0]

def answer(status):
    narrowed = {"type": "object", "properties": {"status": status}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, narrowed]}
    return {"description": "An error", "content": {"application/json": {"schema": schema}}}

problem = {"type": "object", "properties": {"status": {"type": "integer"}, "detail": {"type": "string"}}}
document = {
    "openapi": "3.1.1",
    "info": {"title": "Shop", "version": "1"},
    "paths": {"/orders": {"get": {"operationId": "orders", "responses": {str(number(s)): answer(s) for s in statuses}}}},
    "components": {"schemas": {"Problem": problem}},
}
if sys.argv[1:] == ["show"]:
    client = pathlib.Path("shop/api/default/orders.py").read_text()
    for status in statuses:
        known = f"status_code == {number(status)}:" in client
        print(f"{json.dumps(status)}: {'known' if known else 'left out'}")
else:
    pathlib.Path("shop.json").write_text(json.dumps(document))
END
python3 describe.py
PATH="$folder/python/bin:$PATH" openapi-python-client generate --path shop.json --meta none --output-path shop >/dev/null
python3 describe.py show | tee output.txt
diff output.txt - <<'END'
{"const": 404}: left out
{"type": "integer", "const": 409}: left out
{"enum": [410]}: known
{"type": "integer", "enum": [422]}: known
END
