"""Streams NDJSON in, one document a line, and prints each receipt while the upload still runs.

    python3 stream_documents.py documents.ndjson [--url http://localhost:8000] [--library ID]
    some-program | python3 stream_documents.py - --library ID

An upload that is cut off is sent again under the same key: what was stored already is not stored twice.
"""

import argparse
import json
import sys
import time
import uuid
from collections.abc import Iterator

import requests

ATTEMPTS = 5


def lines_of(path: str) -> Iterator[bytes]:
    """The file line by line, so that a file of any size costs the same memory."""
    if path == "-":
        yield from sys.stdin.buffer
        return
    with open(path, "rb") as file:
        yield from file


def upload(session: requests.Session, library: str, path: str, key: str) -> dict:
    """Sends the file, prints a line for each receipt, and gives the summary."""
    response = session.post(
        f"{library}/documents/stream",
        data=lines_of(path),
        headers={
            "Content-Type": "application/x-ndjson",
            # Without it there is one JSON answer at the end.
            "Accept": "application/x-ndjson",
            "Idempotency-Key": key,
        },
        stream=True,
        timeout=(10, 60),
    )
    if response.status_code in (429, 503):
        # The server has too much to do, or is stopping: the same upload will go through later.
        raise requests.ConnectionError(response.json()["detail"])
    if response.status_code >= 400:
        problem = response.json()
        raise SystemExit(f"{problem['code']}: {problem['detail']}")
    for line in response.iter_lines(chunk_size=None):
        result = json.loads(line)
        if "summary" in result:
            return result["summary"]
        if result["success"]:
            print(f"line {result['line']}: stored as {result['document_id']}", flush=True)
        else:
            print(f"line {result['line']}: {result['error_code']}: {result['error']}", flush=True)
    raise requests.ConnectionError("the answer ended before its summary")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", help="NDJSON; - reads standard input")
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--library", help="the id of a library; a new one where absent")
    options = parser.parse_args()

    with requests.Session() as session:
        library_id = options.library
        if library_id is None:
            response = session.post(f"{options.url}/v1/libraries", json={"name": "Streamed (example)"}, timeout=30)
            response.raise_for_status()
            library_id = response.json()["id"]
            print(f"library {library_id}", flush=True)
        library = f"{options.url}/v1/libraries/{library_id}"

        key = str(uuid.uuid4())
        for attempt in range(1, ATTEMPTS + 1):
            try:
                summary = upload(session, library, options.file, key)
                break
            except (requests.ConnectionError, requests.Timeout, requests.exceptions.ChunkedEncodingError) as error:
                # Standard input cannot be read twice.
                if attempt == ATTEMPTS or options.file == "-":
                    raise SystemExit(f"the upload was cut off: {error}") from error
                print(f"cut off, trying again: {error}", file=sys.stderr, flush=True)
                time.sleep(2**attempt)
        print(f"{summary['successful']} stored, {summary['failed']} failed, position {summary['seq']}")
        if summary["failed"] > 0:
            raise SystemExit(1)


if __name__ == "__main__":
    main()
