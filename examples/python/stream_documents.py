"""Streams NDJSON in, one document per line, and prints a receipt for each as soon as it is stored.

    python3 stream_documents.py documents.ndjson [--url http://localhost:8000] [--library ID]
    some-program | python3 stream_documents.py - --library ID --batch 1

The file is sent in batches, so that a file of any length uses the same amount of memory, and receipts arrive while it
is read. An interrupted batch is retried with the same key: nothing is stored twice.
"""

import argparse
import sys
import time
import uuid
from collections.abc import Iterator
from itertools import islice

import requests

ATTEMPTS = 6


def batches_of(path: str, size: int) -> Iterator[list[bytes]]:
    with sys.stdin.buffer if path == "-" else open(path, "rb") as file:
        while batch := list(islice(file, size)):
            yield batch


def send(session: requests.Session, library: str, batch: list[bytes], key: str) -> dict:
    response = session.post(
        f"{library}/documents/stream",
        data=b"".join(batch),
        headers={"Content-Type": "application/x-ndjson", "Idempotency-Key": key},
        timeout=(10, 120),
    )
    if response.status_code in (429, 503):
        # The server is overloaded or shutting down: retry the same batch later.
        raise requests.ConnectionError(response.json()["detail"])
    answer = response.json()
    # A batch of blank lines has nothing to store.
    if response.status_code == 400 and answer["code"] == "empty_body":
        return {"results": []}
    if response.status_code >= 400:
        raise SystemExit(f"{answer['code']}: {answer['detail']}")
    if "aborted" in answer:
        raise requests.ConnectionError(answer["aborted"]["error"])
    return answer


def send_until_it_arrives(session: requests.Session, library: str, batch: list[bytes]) -> dict:
    key = str(uuid.uuid4())
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return send(session, library, batch, key)
        except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
            if attempt == ATTEMPTS:
                raise SystemExit(f"the server cannot be reached: {error}") from error
            print(f"cut off, trying again: {error}", file=sys.stderr, flush=True)
            time.sleep(2 ** (attempt - 2))
    raise AssertionError("the loop returns or raises")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="NDJSON; - reads standard input")
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--library", help="the id of a library; a new one where absent")
    parser.add_argument("--batch", type=int, default=200, help="lines that are sent at a time")
    options = parser.parse_args()

    with requests.Session() as session:
        library_id = options.library
        if library_id is None:
            response = session.post(f"{options.url}/v1/libraries", json={"name": "Streamed (example)"}, timeout=30)
            response.raise_for_status()
            library_id = response.json()["id"]
            print(f"library {library_id}", flush=True)
        library = f"{options.url}/v1/libraries/{library_id}"

        before = stored = failed = 0
        for batch in batches_of(options.file, options.batch):
            for result in send_until_it_arrives(session, library, batch)["results"]:
                line = before + result["line"]
                if result["success"]:
                    stored += 1
                    print(f"line {line}: stored as {result['document_id']} at position {result['seq']}", flush=True)
                else:
                    failed += 1
                    print(f"line {line}: {result['error_code']}: {result['error']}", flush=True)
            before += len(batch)
        print(f"{stored} stored, {failed} failed")
        if failed > 0:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
