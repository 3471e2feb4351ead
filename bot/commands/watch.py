"""`dateline watch`: the sources alone, until a signal."""

import asyncio
import logging
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.commands import opening
from bot.commands.options import Options
from bot.config import Config
from bot.errors import UsageError
from bot.watch import Watcher
from bot.workers import Worker
from index import Archive

logger = logging.getLogger(__name__)


def run(options: Options) -> None:
    """Look at the sources until SIGTERM or SIGINT."""
    settings = opening.load(options)
    if not any(source.is_fetched for source in settings.sources):
        raise UsageError("no [[sources]] with a url in the config: nothing to watch")
    opening.start_log()
    opening.share_one_heap()
    asyncio.run(_watch(settings))


async def _watch(settings: Config) -> None:
    stop = stop_on_signals()
    async with archive_worker(settings) as worker, watching(settings, worker):
        await stop.wait()
        logger.info("watch stopping")


def archive_worker(settings: Config) -> Worker[Archive]:
    """Make the worker that owns the archive."""
    return Worker("archive", lambda: opening.open_archive(settings))


@asynccontextmanager
async def watching(settings: Config, worker: Worker[Archive]) -> AsyncIterator[Watcher]:
    """Follow the sources beside what is done inside, which may wake the watcher when it stores something."""
    watcher = Watcher(
        worker=worker,
        sources=settings.sources,
        clock=opening.utc_now,
        longest_pause_s=settings.watch.backoff_max_s,
    )
    task = asyncio.create_task(watcher.run())
    logger.info("watch started sources=%d", len(settings.sources))
    try:
        yield watcher
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def stop_on_signals() -> asyncio.Event:
    """Return an event that SIGTERM and SIGINT set; the running loop must be the main thread's."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # on Windows Ctrl-C interrupts instead
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    return stop
