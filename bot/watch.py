"""The watch loop: looks at each source at its interval, and less often while it fails. No state but the failures."""

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from time import perf_counter
from typing import Protocol

from bot.workers import Priority, Worker, aside
from index import ArchiveError, FetchError, IngestReport, Look, Saved, SourceConfig

logger = logging.getLogger(__name__)

# Passages that are encoded in one job at first; how many after that, the time that the last job took decides.
ENCODE_TOGETHER = 8
_FEWEST, _MOST = 4, 128
# So short that what came in and was asked meanwhile is answered within two jobs.
_JOB_S = 0.06
_DOUBLINGS = 16


class EncodingArchive(Protocol):
    """What encoding in steps needs of the archive."""

    def encode_pending(self, *, limit: int | None = None) -> int:
        """Encode passages without a vector, the newest first; returns how many."""

    def close(self) -> None:
        """Close what is open."""


class WatchedArchive(EncodingArchive, Protocol):
    """What the loop needs of the archive."""

    def start_look(self, source: SourceConfig, *, now: datetime) -> Callable[[], Look]:
        """Prepare a look: the slow part, which touches no archive."""

    def finish_look(self, source: SourceConfig, look: Look, *, now: datetime) -> tuple[IngestReport, ...]:
        """Take what a look brought."""

    def start_save(self) -> Callable[[], Saved | None] | None:
        """Prepare to write the snapshot: the slow part, which holds nobody up; None where it is not worth it."""

    def finish_save(self, saved: Saved | None) -> None:
        """Take what that returned."""


def pause_s(interval_s: float, *, failures: int, retry_after_s: float | None, longest_s: float, chance: float) -> float:
    """Say how long to wait before the next look.

    After `failures` in a row the interval doubles each time, up to `longest_s` (never below the interval);
    `chance` (0 to 1) spreads it over its upper half, so that sources that failed together do not come back
    together. A server's own wish is never undercut.
    """
    if failures == 0:
        return interval_s
    longest = max(longest_s, interval_s)
    backed_off = min(longest, interval_s * 2.0 ** min(failures, _DOUBLINGS))
    return max(backed_off * (0.5 + chance / 2), interval_s, retry_after_s or 0.0)


def next_step(together: int, took_s: float) -> int:
    """Say how many passages to encode in the next job where the last one took so long; at most twice as many."""
    fitting = together * _JOB_S / max(took_s, 1e-6)
    return max(_FEWEST, min(_MOST, 2 * together, int(fitting)))


async def encode_in_steps(worker: Worker[EncodingArchive]) -> None:
    """Encode all that is pending in small jobs, so that a question waits for one of them at most."""
    together = ENCODE_TOGETHER
    while True:
        done, took_s = await worker.do(Priority.ENCODE, partial(_encode_some, together))
        if not done:
            return
        if done == together:
            together = next_step(together, took_s)


def _encode_some(together: int, archive: EncodingArchive) -> tuple[int, float]:
    began = perf_counter()
    return archive.encode_pending(limit=together), perf_counter() - began


@dataclass(frozen=True, slots=True, kw_only=True)
class Watcher:
    """Follows sources through the archive's worker; `clock`, `sleep` and `chance` are the outside world.

    What is stored is encoded by a loop of its own, so that no look waits until a backlog is encoded; what is encoded is
    saved by another, so that no news waits for the disk.
    """

    worker: Worker[WatchedArchive]
    sources: Sequence[SourceConfig]
    clock: Callable[[], datetime]
    longest_pause_s: float = 3600.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    chance: Callable[[], float] = random.random
    _stored: asyncio.Event = field(default_factory=asyncio.Event, init=False)
    _encoded: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def wake(self) -> None:
        """Say that something was stored, so that it is encoded. To be called in the event loop."""
        self._stored.set()

    async def run(self) -> None:
        """Follow all sources until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            self.wake()  # a process that was killed may have left something over
            tasks.create_task(self._whenever(self._stored, "encoding", self._encode))
            tasks.create_task(self._whenever(self._encoded, "saving", self._save))
            for source in self.sources:
                if source.is_fetched:
                    tasks.create_task(self._follow(source))

    async def _follow(self, source: SourceConfig) -> None:
        failures = 0
        while True:
            retry_after_s = None
            try:
                await self._look(source)
                failures = 0
            except FetchError as error:
                failures, retry_after_s = failures + 1, error.retry_after_s
                logger.warning("look failed source=%s failures=%d error=%s", source.name, failures, error)
            except ArchiveError as error:
                failures += 1
                logger.warning("look failed source=%s failures=%d error=%s", source.name, failures, error)
            except Exception:  # the loop outlives what nobody foresaw
                failures += 1
                logger.exception("look broke source=%s failures=%d", source.name, failures)
            await self.sleep(self._pause(source, failures, retry_after_s))

    def _pause(self, source: SourceConfig, failures: int, retry_after_s: float | None) -> float:
        return pause_s(
            source.interval_s,
            failures=failures,
            retry_after_s=retry_after_s,
            longest_s=self.longest_pause_s,
            chance=self.chance(),
        )

    async def _look(self, source: SourceConfig) -> None:
        look = await self.worker.do(Priority.LOOK, lambda archive: archive.start_look(source, now=self.clock()))
        looked = await aside(look)
        reports = await self.worker.do(
            Priority.LOOK, lambda archive: archive.finish_look(source, looked, now=self.clock())
        )
        for report in reports:
            logger.info(
                "source read source=%s new=%d revised=%d unchanged=%d withdrawn=%d",
                report.source,
                report.new,
                report.revised,
                report.unchanged,
                report.withdrawn,
            )
            for warning in report.warnings:
                logger.warning("source warned source=%s warning=%s", report.source, warning)
        if reports:
            self.wake()

    async def _whenever(self, event: asyncio.Event, what: str, job: Callable[[], Awaitable[None]]) -> None:
        """Do a job each time an event is set; it may be set again meanwhile."""
        while True:
            await event.wait()
            event.clear()
            try:
                await job()
            except ArchiveError as error:
                logger.warning("%s failed error=%s", what, error)
            except Exception:  # as above
                logger.exception("%s broke", what)

    async def _encode(self) -> None:
        await encode_in_steps(self.worker)
        self._encoded.set()

    async def _save(self) -> None:
        """Write the snapshot, where that is worth it, while the archive goes on."""
        saving = await self.worker.do(Priority.ENCODE, lambda archive: archive.start_save())
        if saving is not None:
            saved = await aside(saving)
            await self.worker.do(Priority.ENCODE, lambda archive: archive.finish_save(saved))
