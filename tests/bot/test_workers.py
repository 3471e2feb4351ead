import asyncio
import threading
from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from bot.errors import StoppedError
from bot.workers import Priority, Worker
from tests.bot.fakes import FakeArchive


def run(test: Callable[[Worker[FakeArchive], FakeArchive], Awaitable[None]]) -> FakeArchive:
    """Run a coroutine function with a started worker, and stop the worker."""
    archive = FakeArchive()

    async def started() -> None:
        async with Worker("archive", lambda: archive) as worker:
            await test(worker, archive)

    asyncio.run(started())
    return archive


def test_jobs_when_run_then_all_in_the_one_thread_that_also_closes() -> None:
    async def jobs(worker: Worker[FakeArchive], archive: FakeArchive) -> None:
        names = {await worker.do(Priority.QUESTION, lambda a: threading.current_thread().name) for _ in range(3)}
        assert names == {"archive"}

    archive = run(jobs)
    assert archive.closed
    assert archive.threads == {"archive"}


def test_jobs_when_waiting_then_by_priority_and_then_by_arrival() -> None:
    async def jobs(worker: Worker[FakeArchive], archive: FakeArchive) -> None:
        hold, order = threading.Event(), list[str]()

        def note(name: str, archive: FakeArchive) -> None:
            order.append(name)

        first = worker.submit(Priority.ENCODE, lambda a: hold.wait(5))
        waiting = [
            worker.submit(priority, partial(note, name))
            for priority, name in [
                (Priority.ENCODE, "encode"),
                (Priority.LOOK, "look"),
                (Priority.QUESTION, "one"),
                (Priority.QUESTION, "two"),
            ]
        ]
        hold.set()
        await asyncio.wrap_future(first)
        await asyncio.gather(*(asyncio.wrap_future(future) for future in waiting))
        assert order == ["one", "two", "look", "encode"]

    run(jobs)


def test_job_when_it_raises_then_the_exception_travels_and_the_worker_goes_on() -> None:
    async def jobs(worker: Worker[FakeArchive], archive: FakeArchive) -> None:
        def broken(archive: FakeArchive) -> None:
            raise KeyError("lost")

        with pytest.raises(KeyError, match="lost"):
            await worker.do(Priority.QUESTION, broken)
        assert await worker.do(Priority.QUESTION, lambda a: 2) == 2

    run(jobs)


def test_job_when_its_asker_has_gone_then_it_is_not_run() -> None:
    async def jobs(worker: Worker[FakeArchive], archive: FakeArchive) -> None:
        hold, ran = threading.Event(), list[int]()
        first = worker.submit(Priority.QUESTION, lambda a: hold.wait(5))
        asking = asyncio.create_task(worker.do(Priority.QUESTION, lambda a: ran.append(1)))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.sleep(0)
        hold.set()
        await asyncio.wrap_future(first)
        await worker.do(Priority.ENCODE, lambda a: None)
        assert ran == []

    run(jobs)


def test_stop_when_a_job_runs_then_it_ends_and_those_waiting_are_turned_away() -> None:
    archive = FakeArchive()

    async def stopped() -> None:
        worker = Worker("archive", lambda: archive)
        await worker.start()
        hold, begun = threading.Event(), threading.Event()

        def long(archive: FakeArchive) -> str:
            begun.set()
            hold.wait(5)
            return "done"

        running = worker.submit(Priority.ENCODE, long)
        begun.wait(5)
        waiting = worker.submit(Priority.QUESTION, lambda a: "never")
        stopping = asyncio.create_task(worker.stop())
        await asyncio.sleep(0.01)
        hold.set()
        await stopping
        await worker.stop()
        assert running.result() == "done"
        with pytest.raises(StoppedError):
            waiting.result()
        with pytest.raises(StoppedError):
            worker.submit(Priority.QUESTION, lambda a: "never")

    asyncio.run(stopped())
    assert archive.closed


def test_start_when_the_resource_cannot_be_opened_then_its_error_is_raised() -> None:
    def opener() -> FakeArchive:
        raise OSError("no disk")

    async def started() -> None:
        async with Worker("archive", opener):
            raise AssertionError("not reached")

    with pytest.raises(OSError, match="no disk"):
        asyncio.run(started())
