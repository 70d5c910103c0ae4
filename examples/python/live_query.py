"""A live query: prints what enters and leaves its results, as documents are written.

    python3 live_query.py --library ID "dangerous weather at sea" [--threshold 0.7]

Stop it with Ctrl-C.
"""

import argparse
import asyncio
import json

import websockets


async def follow(url: str, query: dict) -> None:
    # Reconnects automatically when the connection is lost, and receives the results again.
    async for socket in websockets.connect(url, max_size=None):
        try:
            request = {"request_id": "live", "action": "subscribe", "data": {"query": query}}
            await socket.send(json.dumps(request))
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "response" and not message["success"]:
                    raise SystemExit(f"{message['error_code']}: {message['error']}")
                if message["type"] == "response":
                    print(f"{message['data']['total']} results at position {message['data']['seq']}", flush=True)
                    for hit in message["data"]["results"]:
                        print(f"  {hit['rank']}. {hit['document']['title']}", flush=True)
                elif message["type"] == "search.updated":
                    for hit in message["entered"]:
                        print(f"+ {hit['document']['title']}: {hit['text']}", flush=True)
                    for hit in message["left"]:
                        print(f"- document {hit['document_id']}, previously at rank {hit['previous_rank']}", flush=True)
                elif message["type"] == "subscription.ended":
                    raise SystemExit(f"{message['error_code']}: {message['error']}")
        except websockets.ConnectionClosed as closed:
            # 4404 and 4410: the library does not exist, or was deleted.
            if closed.rcvd is not None and closed.rcvd.code in (4404, 4410):
                raise SystemExit(f"closed with {closed.rcvd.code}: {closed.rcvd.reason}") from closed
            print("the connection was lost", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("query")
    parser.add_argument("--library", required=True)
    parser.add_argument("--url", default="http://localhost:8000")
    parser.add_argument("--k", type=int, default=10)
    parser.add_argument("--threshold", type=float, help="cosine distance, 0 to 2, beyond which nothing counts")
    options = parser.parse_args()
    address = f"{options.url.replace('http', 'ws', 1)}/v1/libraries/{options.library}/ws"
    query = {"query_text": options.query, "k": options.k, "threshold": options.threshold}
    try:
        asyncio.run(follow(address, query))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
