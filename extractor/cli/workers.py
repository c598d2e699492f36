"""Processes that read documents and can be ended: each call has a time and a memory that it may take.

A worker lives on from call to call; one that takes too long, grows too large or dies is replaced, and only
its own call fails. A worker whose parent was killed ends by itself.
"""

from __future__ import annotations

import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from typing import Any, TypeVar

from extractor.errors import ExtractorError, UnreadableInput

T = TypeVar("T")
_LOOK = 0.1
_START = 120.0
_GROWN = 0.6
_MEGABYTE = 1_000_000


@dataclass(frozen=True)
class Bounds:
    """What one call may take: seconds of wall time and megabytes of memory."""

    seconds: float = 3_000.0
    megabytes: int = 4_000


class Pool:
    """At most `width` workers, started when they are needed; `call` may be used from several threads."""

    def __init__(self, width: int, bounds: Bounds) -> None:
        self.width, self.bounds = width, bounds
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        self._all: set[_Worker] = set()
        self._lock = threading.Lock()
        self._closed = False
        for _ in range(width):
            self._idle.put(None)

    def call(self, name: str, function: Callable[..., T], *arguments: Any) -> T:
        """What `function` gives for the arguments, in a worker; `name` stands in errors.

        Raises what the function raises, and `UnreadableInput` where the worker had to be ended or died.
        """
        worker = self._idle.get()
        try:
            if worker is None or not worker.alive:
                worker = self._started()
            kind, value = worker.run(name, function, arguments, self.bounds)
            if worker.grown(self.bounds):
                self._ended(worker)
                worker = None
        except BaseException:
            self._ended(worker)
            worker = None
            raise
        finally:
            self._idle.put(worker)
        if kind == "memory":
            raise UnreadableInput(f"{name}: reading it took more memory than there is")
        if kind == "error":
            raise value
        result: T = value
        return result

    def _started(self) -> _Worker:
        with self._lock:
            if self._closed:
                raise KeyboardInterrupt
            worker = _Worker()
            self._all.add(worker)
            return worker

    def _ended(self, worker: _Worker | None) -> None:
        if worker is not None:
            with self._lock:
                self._all.discard(worker)
            worker.end()

    def close(self) -> None:
        """End all workers, whatever they are at; one at work is let go of by the call that it works for."""
        with self._lock:
            self._closed = True
            for worker in self._all:
                worker.kill()
        idle = []
        with suppress(queue.Empty):
            while True:
                idle.append(self._idle.get_nowait())
        for one in idle:
            self._ended(one)
            self._idle.put(None)  # a call that waits for a worker is not left waiting

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class _Worker:
    def __init__(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._pipe, far = context.Pipe()
        self._process = context.Process(target=_serve, args=(far,), daemon=True)
        self._process.start()
        far.close()
        self._ready = False

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    def run(
        self, name: str, function: Callable[..., Any], arguments: tuple[Any, ...], bounds: Bounds
    ) -> tuple[str, Any]:
        """The kind of outcome and its value; raises `UnreadableInput` for a call that had to be ended."""
        try:
            self._wait()
            began = time.monotonic()
            self._pipe.send((function, arguments))
            while not self._pipe.poll(min(_LOOK, bounds.seconds)):
                if time.monotonic() - began > bounds.seconds:
                    raise UnreadableInput(
                        f"{name}: reading it took more than the limit of {bounds.seconds:g} seconds "
                        "(--max-seconds)"
                    )
                if self._megabytes() > bounds.megabytes:
                    raise UnreadableInput(
                        f"{name}: reading it took more than the limit of {bounds.megabytes:,} MB of memory "
                        "(--max-memory)"
                    )
            outcome: tuple[str, Any] = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise UnreadableInput(f"{name}: the process that read it ended unexpectedly") from error
        return outcome

    def _wait(self) -> None:
        """Wait until the process has begun; that is not the document's time."""
        if not self._ready:
            if not self._pipe.poll(_START):
                raise EOFError
            self._pipe.recv()
            self._ready = True

    def _megabytes(self) -> float:
        import psutil

        try:
            own = psutil.Process(self._process.pid)
            held = [one.memory_info().rss for one in (own, *own.children(recursive=True))]
            return float(sum(held)) / _MEGABYTE
        except psutil.Error:
            return 0.0

    def grown(self, bounds: Bounds) -> bool:
        """Whether the process holds so much memory that the next document would have too little left."""
        return self._megabytes() > _GROWN * bounds.megabytes

    def kill(self) -> None:
        """End the process and what it started, at once; whoever waits for it is told by its pipe."""
        import psutil

        with suppress(psutil.Error):
            for child in psutil.Process(self._process.pid).children(recursive=True):
                with suppress(psutil.Error):
                    child.kill()
        self._process.kill()

    def end(self) -> None:
        """End the process and let go of what belongs to it; for the one who holds it."""
        self.kill()
        self._process.join()
        self._pipe.close()


def _serve(pipe: Connection) -> None:
    """A worker's life: calls in, outcomes out, until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with suppress(OSError):
        pipe.send("ready")
    while True:
        try:
            function, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        outcome = _outcome(function, arguments)
        try:
            pipe.send(outcome)
        except OSError:
            return


class InternalError(Exception):
    """A bug met in a worker; its text is the name of the exception."""


def bug_name(error: Exception) -> str:
    """The name of an exception that nobody foresaw, wherever it was raised."""
    return str(error) if isinstance(error, InternalError) else type(error).__name__


def _outcome(function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
    try:
        return "done", function(*arguments)
    except ExtractorError as error:
        return "error", type(error)(str(error))
    except MemoryError:
        return "memory", None
    except Exception as error:
        if os.environ.get("EXTRACTOR_DEBUG"):
            import traceback

            traceback.print_exc()
        return "error", InternalError(type(error).__name__)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
