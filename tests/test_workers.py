"""Workers: what a call may take, and what closing does to calls that are under way."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from extractor.cli.workers import Bounds, Pool
from extractor.errors import ExtractorError, UnreadableInput


def test_a_worker_serves_call_after_call() -> None:
    with Pool(1, Bounds()) as pool:
        assert pool.call("x", os.getpid) == pool.call("x", os.getpid) != os.getpid()


def test_an_error_of_a_call_is_its_own_and_the_worker_goes_on() -> None:
    with Pool(1, Bounds()) as pool:
        before = pool.call("x", os.getpid)
        with pytest.raises(Exception, match="ZeroDivisionError"):
            pool.call("x", divmod, 1, 0)
        assert pool.call("x", os.getpid) == before


def test_a_worker_that_dies_fails_its_own_call_only() -> None:
    with Pool(1, Bounds()) as pool:
        with pytest.raises(UnreadableInput, match="ended unexpectedly"):
            pool.call("x", os._exit, 7)
        assert pool.call("x", abs, -1) == 1


def test_a_call_past_its_time_is_ended() -> None:
    with Pool(1, Bounds(seconds=0.3)) as pool:
        with pytest.raises(UnreadableInput, match="max-seconds"):
            pool.call("x", time.sleep, 60)
        assert pool.call("x", abs, -1) == 1


def test_closing_ends_calls_under_way_and_calls_that_wait_and_leaves_no_process() -> None:
    before = {child.pid for child in psutil.Process().children(recursive=True)}
    for _ in range(15):
        pool = Pool(2, Bounds())
        at_work = [pool.call("x", os.getpid) for _ in range(2)]
        with ThreadPoolExecutor(6) as threads:
            calls = [threads.submit(pool.call, "x", time.sleep, 60) for _ in range(6)]
            closing = [threading.Thread(target=pool.close) for _ in range(2)]
            for one in closing:
                one.start()
            for one in closing:
                one.join(20)
                assert not one.is_alive()
            for call in calls:
                assert isinstance(call.exception(20), KeyboardInterrupt | ExtractorError)
        assert not any(psutil.pid_exists(pid) for pid in at_work)
    assert {child.pid for child in psutil.Process().children(recursive=True)} <= before
