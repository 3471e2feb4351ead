"""A Worker is one thread that owns one resource: the only place where asyncio meets threads.

The resource is opened, used and closed in that thread, so it needs no locks. Jobs wait in order of
priority, then of arrival; one that runs is never interrupted, so long work is handed over in small jobs.
"""

import asyncio
import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from enum import IntEnum
from functools import partial
from itertools import count
from queue import PriorityQueue
from types import TracebackType
from typing import Any, Generic, Protocol, Self, TypeVar

from bot.errors import StoppedError

logger = logging.getLogger(__name__)

T = TypeVar("T")


class Closable(Protocol):
    """What a Worker can own."""

    def close(self) -> None:
        """Give back what it holds."""


R_co = TypeVar("R_co", bound=Closable, covariant=True)


class Priority(IntEnum):
    """Who goes first: a person who waits, then news, then the vectors of news."""

    STOP = 0
    QUESTION = 1
    LOOK = 2
    ENCODE = 3


class Worker(Generic[R_co]):
    """One thread and its resource.

    `opener` is called in the thread. An async context manager: entering waits for the resource, leaving
    lets the running job end, fails the waiting ones with StoppedError, and closes the resource.
    """

    def __init__(self, name: str, opener: Callable[[], R_co]) -> None:
        self._opener = opener
        self._jobs: PriorityQueue[tuple[Priority, int, Future[Any], Callable[[R_co], Any]]] = PriorityQueue()
        self._numbers = count()
        self._opened: Future[None] = Future()
        self._stopping = threading.Lock()
        self._stopped = False
        # A daemon, so that a second Ctrl-C during a long job ends the process.
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    async def start(self) -> None:
        """Start the thread and wait until the resource is open; raises what opening it raised."""
        self._thread.start()
        await asyncio.wrap_future(self._opened)

    async def stop(self) -> None:
        """Stop after the running job and wait for the end of the thread."""
        with self._stopping:
            if not self._stopped:
                self._stopped = True
                self._jobs.put((Priority.STOP, next(self._numbers), Future(), _nothing))
        await asyncio.to_thread(self._thread.join)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def do(self, priority: Priority, job: Callable[[R_co], T]) -> T:
        """Run a job in the thread and return its result; raises what it raised, or StoppedError."""
        return await asyncio.wrap_future(self.submit(priority, job))

    def submit(self, priority: Priority, job: Callable[[R_co], T]) -> "Future[T]":
        """Queue a job without waiting for it. Raises: StoppedError."""
        future: Future[T] = Future()
        with self._stopping:
            if self._stopped:
                raise StoppedError(f"the {self._thread.name} worker has stopped")
            self._jobs.put((priority, next(self._numbers), future, job))
        return future

    def _run(self) -> None:
        try:
            resource = self._opener()
        except BaseException as error:  # travels to whoever started us
            self._opened.set_exception(error)
            return
        self._opened.set_result(None)
        try:
            while True:
                priority, _, future, job = self._jobs.get()
                if priority is Priority.STOP:
                    break
                _settle(future, partial(job, resource))
                del future, job  # what they hold may be large, and the next job may be long in coming
        finally:
            self._turn_away()
            resource.close()
            logger.debug("worker stopped name=%s", self._thread.name)

    def _turn_away(self) -> None:
        while not self._jobs.empty():
            _, _, future, _ = self._jobs.get()
            if future.set_running_or_notify_cancel():
                future.set_exception(StoppedError(f"the {self._thread.name} worker has stopped"))


def _settle(future: Future[Any], job: Callable[[], Any]) -> None:
    """Run a job that nobody has given up, and send its result or its exception to whoever waits."""
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = job()
    except BaseException as error:  # not handled here: it travels
        future.set_exception(error)
    else:
        future.set_result(result)


def _nothing(resource: object) -> None:
    """Be the job of the mark that ends the queue."""


async def aside(job: Callable[[], T]) -> T:
    """Run what takes its time and owns nothing, as what waits for the network, in a thread of its own."""
    return await asyncio.to_thread(job)
