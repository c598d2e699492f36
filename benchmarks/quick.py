"""The scripted endpoint as a bare protocol: answers from memory, so that a measured client waits for itself.

python -m benchmarks.quick FOLDER... --latency 0.3
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
from pathlib import Path

from tests.endpoint import Answer, completion, recorded

_LENGTH = re.compile(rb"content-length: *(\d+)", re.I)


class Http(asyncio.Protocol):
    """One connection: requests one after the other, each answered after the latency."""

    def __init__(self, answer: Answer, latency: float, known: dict[bytes, bytes]) -> None:
        self.answer, self.latency, self.known = answer, latency, known
        self.buffer = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        head = self.buffer.find(b"\r\n\r\n")
        if head < 0:
            return
        length = _LENGTH.search(self.buffer, 0, head)
        end = head + 4 + (int(length[1]) if length else 0)
        if len(self.buffer) < end:
            return
        body, self.buffer = self.buffer[head + 4 : end], self.buffer[end:]
        reply = self.known.get(body) or self._made(body)
        asyncio.get_running_loop().call_later(self.latency, self._send, reply)

    def _send(self, reply: bytes) -> None:
        if self.transport is not None and not self.transport.is_closing():
            self.transport.write(reply)

    def _made(self, body: bytes) -> bytes:
        asked = json.loads(body)
        payload = json.dumps(completion(asked, self.answer(asked).content), ensure_ascii=False).encode()
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
        self.known[body] = head.encode() + payload
        return self.known[body]


async def serve(folders: list[Path], latency: float) -> None:
    """Serve until killed; the address is the first line of output."""
    answer, known = recorded(*folders), dict[bytes, bytes]()
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Http(answer, latency, known), "127.0.0.1", 0, backlog=1024)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--latency", type=float, default=0.0)
    asked = parser.parse_args()
    asyncio.run(serve(asked.folders, asked.latency))
