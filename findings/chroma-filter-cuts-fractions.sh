#!/usr/bin/env bash
# Chroma 1.5.9 (in process, Python 3.9 or newer): a filter with a fraction is cut to a whole number for whole-number fields.
#
# Metadata keeps 10 as an integer and 10.5 as a float. Where a filter's operand is a float, stored floats are compared
# with it, but stored integers with the operand cut towards zero. So {"price": 10.5} finds the item whose price is 10,
# {"$lt": 10.7} misses it, {"$gte": 9.5} finds 9, and {"$gt": -9.5} misses -9. get() and query() agree in this.
# A price column whose values are sometimes whole is enough to meet it.
#
# Output seen on 2026-11-27, of the prices 9, 10, 11, 10.5, -9 and -10:
#   $eq 10.5 -> 10,10.5
#   $ne 10.5 -> -10,-9,9,11
#   $gte 9.5 -> 9,10,10.5,11
#   $lt 10.7 -> -10,-9,9,10.5
#   $gt -9.5 -> 9,10,10.5,11
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check chromadb==1.5.9
cat > filter.py <<'END'
import chromadb
from chromadb.config import Settings

client = chromadb.EphemeralClient(Settings(anonymized_telemetry=False))
items = client.create_collection("items", embedding_function=None)
prices = [9, 10, 11, 10.5, -9, -10]
items.add(
    ids=[str(price) for price in prices],
    embeddings=[[1.0, 0.0]] * len(prices),
    metadatas=[{"price": price} for price in prices],
)
for operator, operand in [("$eq", 10.5), ("$ne", 10.5), ("$gte", 9.5), ("$lt", 10.7), ("$gt", -9.5)]:
    where = {"price": {operator: operand}}
    listed = sorted(items.get(where=where)["ids"], key=float)
    found = sorted(items.query(query_embeddings=[[1.0, 0.0]], where=where, n_results=6)["ids"][0], key=float)
    assert listed == found, (listed, found)
    print(f"{operator} {operand} -> {','.join(found)}")
END
venv/bin/python filter.py | tee output.txt
diff output.txt - <<'END'
$eq 10.5 -> 10,10.5
$ne 10.5 -> -10,-9,9,11
$gte 9.5 -> 9,10,10.5,11
$lt 10.7 -> -10,-9,9,10.5
$gt -9.5 -> 9,10,10.5,11
END
