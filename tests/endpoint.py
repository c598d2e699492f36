"""An OpenAI-compatible endpoint over real HTTP that answers by script, or with recorded replies.

In a thread for tests; as a process of its own (`python -m tests.endpoint`) where a run is killed or measured.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from aiohttp import web

Answer = Callable[[dict[str, Any]], "Step"]
STALL = 30.0


class Step:
    """One answer: a completion's content, a status, or a fault by its name."""

    def __init__(
        self, content: str | None = None, *, fault: str = "", status: int = 200, **headers: str
    ) -> None:
        self.content, self.fault, self.status = content, fault, status
        self.headers = {name.replace("_", "-"): value for name, value in headers.items()}


def completion(
    body: dict[str, Any], content: str | None, finish: str = "stop", **more: Any
) -> dict[str, Any]:
    """A chat completion; where a tool was offered, the content is its arguments."""
    message: dict[str, Any] = {"role": "assistant", "content": content, **more}
    if body.get("tools") and content is not None and finish == "stop":
        name = body["tools"][0]["function"]["name"]
        call = {"id": "c", "type": "function", "function": {"name": name, "arguments": content}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    sent = sum(len(message.get("content") or "") for message in body["messages"])
    reply = len(content or "")
    usage = {"prompt_tokens": sent, "completion_tokens": reply, "total_tokens": sent + reply}
    choice = {"index": 0, "message": message, "finish_reason": finish}
    return {
        "id": "x",
        "object": "chat.completion",
        "created": 1,
        "model": "m",
        "choices": [choice],
        "usage": usage,
    }


class Endpoint:
    """A server in a thread; `requests` holds the bodies and `headers` the headers of what was asked."""

    def __init__(self, steps: Iterable[Step] = (), answer: Answer | None = None) -> None:
        self.steps = deque(steps)
        self.answer = answer
        self.requests: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.times: list[float] = []
        self.url = ""
        self.latency = 0.0
        self.per_second: float | None = None
        self.refused = 0
        self._admitted: deque[float] = deque()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._ready = threading.Event()

    def __enter__(self) -> Endpoint:
        self._thread.start()
        self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _stop(self) -> None:
        """End what is under way: a stalled answer must not hold the test up."""
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)
        await self._runner.cleanup()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self.start())
        self._ready.set()
        self._loop.run_forever()

    async def start(self, port: int = 0) -> None:
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_post("/v1/chat/completions", self._handle)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/v1"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        body = json.loads(await request.read())
        self.times.append(time.monotonic())
        if self._over_the_limit():
            self.refused += 1
            return web.json_response(
                {"error": {"message": "slow down"}}, status=429, headers={"Retry-After": "1"}
            )
        self.requests.append(body)
        self.headers.append(dict(request.headers))
        if self.latency:
            await asyncio.sleep(self.latency)
        step = self.steps.popleft() if self.steps else self.answer(body) if self.answer else Step("{}")
        if step.fault:
            return await getattr(self, f"_{step.fault}")(request, body, step)
        if step.status != 200:
            error = {"error": {"message": step.content or "no"}}
            return web.json_response(error, status=step.status, headers=step.headers)
        return web.json_response(completion(body, step.content))

    def _over_the_limit(self) -> bool:
        """A sliding window of one second."""
        if self.per_second is None:
            return False
        now = time.monotonic()
        while self._admitted and now - self._admitted[0] >= 1.0:
            self._admitted.popleft()
        if len(self._admitted) >= self.per_second:
            return True
        self._admitted.append(now)
        return False

    async def _stall(self, *_: Any) -> web.StreamResponse:
        await asyncio.sleep(STALL)
        return web.json_response({})

    async def _reset(self, request: web.Request, body: dict[str, Any], step: Step) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json", "Content-Length": "5000"})
        await response.prepare(request)
        await response.write(b'{"id": "x", "choices": [')
        assert request.transport is not None
        request.transport.abort()
        return response

    async def _garbage(self, *_: Any) -> web.StreamResponse:
        return web.Response(body=b"\x00{{{ not json", content_type="application/json")

    async def _html(self, *_: Any) -> web.StreamResponse:
        return web.Response(text="<html>portal</html>", content_type="text/html")

    async def _cut(self, request: web.Request, body: dict[str, Any], step: Step) -> web.StreamResponse:
        return web.json_response(completion(body, '{"names": ["a', "length"))

    async def _refusal(self, request: web.Request, body: dict[str, Any], step: Step) -> web.StreamResponse:
        return web.json_response(completion(body, None, refusal="I will not"))

    async def _filtered(self, request: web.Request, body: dict[str, Any], step: Step) -> web.StreamResponse:
        return web.json_response(completion(body, None, "content_filter"))

    async def _empty(self, request: web.Request, body: dict[str, Any], step: Step) -> web.StreamResponse:
        return web.json_response(completion(body, ""))

    async def _nothing(self, request: web.Request, body: dict[str, Any], step: Step) -> web.StreamResponse:
        return web.json_response({**completion(body, ""), "choices": None})

    async def _error(self, *_: Any) -> web.StreamResponse:
        return web.json_response({"error": {"message": "overloaded inside a 200"}})


def recorded(*folders: Path) -> Answer:
    """Answers from recordings, by what decides a reply; a request that none of them holds gets a 400."""
    replies = {
        path.stem.rsplit("-", 1)[1]: json.loads(path.read_text("utf-8"))["reply"]
        for folder in folders
        for path in folder.glob("*.json")
    }

    known: dict[tuple[str, str, str], Step] = {}

    def answer(body: dict[str, Any]) -> Step:
        form = body["response_format"]["json_schema"]
        system, user = (message["content"] for message in body["messages"][:2])
        asked = (form["name"], system, user)
        if asked not in known:
            schema = json.dumps(form["schema"], ensure_ascii=False, separators=(",", ":"))
            parts = (form["name"], system, schema, user, "")
            key = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:24]
            known[asked] = Step(replies[key]) if key in replies else Step(f"no reply to {key}", status=400)
        return known[asked]

    return answer


def main() -> None:
    """Serve until killed; the first line of output is the address, each request adds a line to --log."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--latency", type=float, default=0.0)
    parser.add_argument("--per-second", type=float)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--stats", action="store_true", help="print requests and refusals at the end")
    asked = parser.parse_args()
    answer = recorded(*asked.folders)

    def noted(body: dict[str, Any]) -> Step:
        if asked.log:
            with asked.log.open("a") as file:
                file.write(hashlib.sha256(json.dumps(body["messages"]).encode()).hexdigest() + "\n")
        return answer(body)

    async def serve() -> None:
        endpoint = Endpoint(answer=noted)
        endpoint.latency, endpoint.per_second = asked.latency, asked.per_second
        await endpoint.start()
        print(endpoint.url, flush=True)
        while True:
            await asyncio.sleep(0.2)
            if asked.stats:
                print(len(endpoint.requests), endpoint.refused, flush=True)

    asyncio.run(serve())


if __name__ == "__main__":
    main()
