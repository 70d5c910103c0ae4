"""A library, three documents, and a search.

    python3 quick_start.py [--url http://localhost:8000]
"""

import argparse

import requests

DOCUMENTS = [
    {"title": "Kettle", "text": "A copper kettle to boil water for tea.", "year": 1850},
    {"title": "Loom", "text": "A wooden machine that weaves thread into cloth.", "year": 1790},
    {"title": "Anchor", "text": "An iron anchor that held a ship in a storm.", "year": 1820},
]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://localhost:8000")
    url = parser.parse_args().url

    # A session reuses its connection.
    with requests.Session() as session:
        response = session.post(f"{url}/v1/libraries", json={"name": "Museum (example)"}, timeout=30)
        response.raise_for_status()
        library = f"{url}/v1/libraries/{response.json()['id']}"

        for document in DOCUMENTS:
            response = session.post(f"{library}/documents", json=document, timeout=30)
            response.raise_for_status()
            print(f"stored {document['title']} at position {response.json()['seq']}")

        # Unknown fields are kept as metadata, and can be used in filters.
        query = {"query": "something to make a hot drink", "k": 2, "metadata_filter": {"year": {"$gte": 1800}}}
        response = session.post(f"{library}/search", json=query, timeout=30)
        if response.status_code >= 400:
            problem = response.json()
            raise SystemExit(f"{problem['code']}: {problem['detail']}")
        for hit in response.json()["results"]:
            print(f"{hit['rank']}. {hit['document']['title']}: {hit['text']}")


if __name__ == "__main__":
    main()
