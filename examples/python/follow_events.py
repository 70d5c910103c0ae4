"""Prints every change to a library once, and resumes where it stopped when it is started again.

    python3 follow_events.py --library ID [--file position.json]

The position is stored in a file. Stop it with Ctrl-C, change something, and start it again.
"""

import argparse
import asyncio
import json
import os
from pathlib import Path

import websockets


class Position:
    """The position of this program, in a file that is complete at any moment."""

    def __init__(self, path: str, library: str) -> None:
        self.path = Path(path)
        self.library = library
        self.seq = 0
        if self.path.exists():
            kept = json.loads(self.path.read_text())
            if kept["library"] == library:
                self.seq = kept["seq"]

    def save(self, seq: int) -> None:
        self.seq = seq
        new = self.path.with_suffix(".new")
        new.write_text(json.dumps({"library": self.library, "seq": seq}))
        os.replace(new, self.path)


async def follow(url: str, position: Position) -> None:
    # Reconnects automatically when the connection is lost, and resumes from its position.
    async for socket in websockets.connect(url, max_size=None):
        try:
            request = {"request_id": "events", "action": "subscribe", "data": {"from_seq": position.seq}}
            await socket.send(json.dumps(request))
            async for text in socket:
                message = json.loads(text)
                if message["type"] == "response" and message["success"]:
                    print(f"listening after position {message['data']['seq']}", flush=True)
                elif message["type"] == "response" and message["error_code"] == "position_expired":
                    print(f"the events up to position {message['earliest_seq']} have expired", flush=True)
                    position.save(message["earliest_seq"])
                    await socket.close()
                elif message["type"] == "response":
                    raise SystemExit(f"{message['error_code']}: {message['error']}")
                elif "seq" in message:
                    about = message["data"].get("title") or message["data"].get("name") or ""
                    print(f"{message['seq']} {message['type']} {about}".rstrip(), flush=True)
                    # Process first, then store the position: after a crash the last event may repeat, and none is lost.
                    position.save(message["seq"])
        except websockets.ConnectionClosed as closed:
            if closed.rcvd is not None and closed.rcvd.code in (4404, 4410):
                raise SystemExit(f"closed with {closed.rcvd.code}: {closed.rcvd.reason}") from closed
            print("the connection was lost", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--library", required=True)
    parser.add_argument("--file", default="position.json")
    parser.add_argument("--url", default="http://localhost:8000")
    options = parser.parse_args()
    address = f"{options.url.replace('http', 'ws', 1)}/v1/libraries/{options.library}/ws"
    try:
        asyncio.run(follow(address, Position(options.file, options.library)))
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
