"""The model path side by side with plain clients, against a scripted endpoint in a process of its own.

    python -m benchmarks.model [chars|written|wall|limits|cpu|memory ...]

chars    characters sent ÷ characters of source, beside plain instructor and LangExtract (if installed)
written  characters the model wrote ÷ what it wrote for the whole report in one plain call, recorded replies
wall     wall time ÷ the least possible at 300 ms a call, 50 documents, beside plain instructor
limits   refused ÷ useful requests with the limit configured
cpu      client CPU a call ÷ that of the plain openai client with the same requests
memory   peak memory at 2,000 documents ÷ at 200
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

from benchmarks.clients import (
    RECORDINGS,
    bodies_of,
    documents,
    endpoint_at,
    ours,
    plain,
    server,
    whole_rounds,
)
from extractor.cli.modelrun import spare_the_collector
from extractor.document import Document
from extractor.engines.model.engine import ModelEngine, Setup, plan
from extractor.engines.model.tasks import tasks
from extractor.extraction import extract_with
from extractor.llm.client import Client, Options
from extractor.llm.clock import SystemClock
from extractor.llm.gate import Gate, Limits
from extractor.llm.ledger import Ledger
from extractor.resources import prompts_folder
from tests.conftest import CORPUS, ROOT, SAMPLES, UNSEEN, labelled

LATENCY = 0.3


def wall() -> None:
    """Wall time ÷ the least possible."""
    found = whole_rounds(50, 256)
    print(f"\nwall time ÷ least possible, {LATENCY * 1000:.0f} ms a call, 50 documents, second opinion off")
    with server(LATENCY) as (url, _):
        bodies = bodies_of(found, url)
        asyncio.run(ours(url, found[:5], Limits(concurrency=5)))  # imports are paid once
        asyncio.run(plain(url, bodies[:5], 5, use_instructor=True))
        spare_the_collector()  # for all of them, as the command does
        for concurrency in (32, 64):
            least = LATENCY * len(bodies) / concurrency
            rows = {}
            for name in ("ours", "openai", "instructor"):
                best = min(_timed(name, url, found, bodies, concurrency) for _ in range(3))
                rows[name] = best / least
            told = ", ".join(f"{name} {ratio:.2f}" for name, ratio in rows.items())
            print(f"concurrency {concurrency}: {len(bodies)} calls, least {least:.2f} s: {told}")


def _timed(
    name: str, url: str, found: list[Document], bodies: list[dict[str, Any]], concurrency: int
) -> float:
    if name == "ours":
        return asyncio.run(ours(url, found, Limits(concurrency=concurrency)))[1]
    return asyncio.run(plain(url, bodies, concurrency, use_instructor=name == "instructor"))[1]


def cpu() -> None:
    """CPU of the client a call, the same requests over the same wire."""
    found = documents(78)
    print("\nclient CPU a call, second opinion off, best of six rounds")
    with server() as (url, _):
        bodies = bodies_of(found, url)
        asyncio.run(ours(url, found[:5], Limits(concurrency=5)))
        asyncio.run(plain(url, bodies[:20], 8, use_instructor=True))
        spare_the_collector()  # for all of them, as the command does
        names = ("openai", "instructor", "ours")
        rounds = [{name: _cpu(name, url, found, bodies) / len(bodies) for name in names} for _ in range(6)]
        spent = {name: min(one[name] for one in rounds) for name in names}
    for name, seconds in spent.items():
        print(f"{name:12}{seconds * 1000:6.2f} ms   ratio {seconds / spent['openai']:.2f}")


def _cpu(name: str, url: str, found: list[Document], bodies: list[dict[str, Any]]) -> float:
    began = time.process_time()
    _timed(name, url, found, bodies, 16)
    return time.process_time() - began


def limits() -> None:
    """Refused ÷ useful requests where the limit is configured."""
    print("\nrefused ÷ useful requests, the limit configured (sliding window of a second, Retry-After 1)")
    for per_second in (5, 2):
        found = documents(6)
        with server(0.05, per_second) as (url, process):
            paced = Limits(concurrency=16, requests_per_minute=per_second * 60)
            useful = asyncio.run(ours(url, found, paced))[0]
            time.sleep(1.0)
            process.kill()
            assert process.stdout is not None
            served, refused = map(int, process.stdout.read().split("\n")[-2].split())
        print(f"{per_second} a second: {served} useful, {refused} refused, ratio {refused / served:.3f}")
        assert useful == served + refused, (useful, served, refused)


def memory() -> None:
    """Peak memory at 2,000 documents ÷ at 200, each in a process of its own."""
    print("\npeak memory, concurrency 8, second opinion off, ledger in a file")
    peaks = []
    with server() as (url, _):
        for count in (200, 2000):
            words = [sys.executable, "-m", "benchmarks.model", "--peak", str(count), "--url", url]
            done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
            peaks.append(float(done.stdout))
            print(f"{count:5} documents: {peaks[-1] / 1024:.1f} MB")
    print(f"ratio {peaks[1] / peaks[0]:.3f}")


def peak(count: int, url: str) -> None:
    """Print the peak of this process after reading so many documents, which are made one by one."""
    own = [one.document() for one in labelled(SAMPLES) + labelled(UNSEEN)]
    clock = SystemClock()
    ledger = Ledger(Path("/tmp") / f"extractor-bench-{count}.sqlite")
    client = Client(endpoint_at(url), Gate(Limits(), clock), Options(ledger=ledger, fresh=True))
    prompts = tasks(prompts_folder())

    async def run() -> None:
        left = iter(range(count))

        async def worker() -> None:
            for n in left:
                one = own[n % len(own)]
                fresh = replace(one, name=f"{n}-{one.name}", text=one.text[:])
                await extract_with(fresh, ModelEngine(client, Setup(prompts, repeat=n // len(own))))

        await asyncio.gather(*(worker() for _ in range(8)))
        await client.close()

    asyncio.run(run())
    ledger.close()
    Path(ledger.path).unlink()
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def chars() -> None:
    """Characters sent ÷ characters of source: messages and compact schemas over all requests."""
    from benchmarks import peers

    folder = CORPUS if CORPUS.is_dir() else SAMPLES
    found = [one.document() for one in labelled(folder)]
    source = sum(len(document.text) for document in found)
    setup = Setup(tasks(prompts_folder()))
    own = [one.request for document in found for one in plan(document, setup)]
    print(f"\ncharacters sent ÷ source, {folder.name}, {len(found)} documents, {source:,} characters")
    print(f"{'ours':26}{len(own):4} requests {sum(one.chars for one in own) / source:6.2f}")
    for name, sent in peers.sent(found).items():
        total = sum(map(_chars_of, sent))
        print(f"{name:26}{len(sent):4} requests {total / source:6.2f}")


def _chars_of(body: dict[str, Any]) -> int:
    messages = sum(len(message.get("content") or "") for message in body["messages"])
    schema = (body.get("response_format") or {}).get("json_schema", {}).get("schema") or body.get("tools")
    return messages + (len(json.dumps(schema, ensure_ascii=False, separators=(",", ":"))) if schema else 0)


def written() -> None:
    """Characters that the model wrote for our calls ÷ for one plain call of the whole report."""
    setup = Setup(tasks(prompts_folder()))
    ours_total = plain_total = 0
    print("\ncharacters written by the model, samples: ours, plain, ratio")
    for one in labelled(SAMPLES):
        requests = [planned.request for planned in plan(one.document(), setup)]
        paths = [RECORDINGS / "samples" / f"{r.task}-{r.input_hash}.json" for r in requests]
        mine = sum(len(json.loads(path.read_text("utf-8"))["reply"]) for path in paths)
        theirs = len((RECORDINGS / "plain" / f"{one.path.stem}.json").read_text("utf-8").strip())
        ours_total, plain_total = ours_total + mine, plain_total + theirs
        print(f"{one.path.stem:12}{mine:6}{theirs:7}  {mine / theirs:.2f}")
    print(f"pooled {ours_total / plain_total:.3f}")


def main() -> None:
    """Run the parts that were named, or all."""
    parts = {f.__name__: f for f in (chars, written, wall, limits, cpu, memory)}
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(parts))
    parser.add_argument("--peak", type=int)
    parser.add_argument("--url", default="")
    asked = parser.parse_args()
    if asked.peak:
        return peak(asked.peak, asked.url)
    for name in asked.parts or parts:
        parts[name]()
    return None


if __name__ == "__main__":
    main()
