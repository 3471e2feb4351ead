"""What commands open before they work: the config, the archive, the clock, the log. Part of the composition root."""

import ctypes
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import index
from bot import config, store, times
from bot.commands.options import Options
from bot.config import Config
from bot.errors import UsageError
from bot.store import BotStore
from bot.workers import Worker
from index import Archive

_M_ARENA_MAX = -8  # as glibc's malloc.h has it


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


def share_one_heap() -> None:
    """Let all threads allocate from one heap; to be called before there are others, by what runs for long.

    glibc gives each thread a heap of its own, and what one thread frees of another's stays scattered there. Elsewhere,
    or where MALLOC_ARENA_MAX says otherwise, nothing is done.
    """
    if "MALLOC_ARENA_MAX" not in os.environ:
        with suppress(OSError, AttributeError, TypeError):
            ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 1)


def load(options: Options) -> Config:
    """Read the settings that the options name. Raises: ConfigError."""
    return config.load(options.config, directory=options.data)


def open_archive(settings: Config) -> Archive:
    """Open the archive; the caller closes it, in the same thread. Raises: StoreError."""
    return index.open_archive(settings, now=utc_now())


@contextmanager
def opened_archive(settings: Config) -> Iterator[Archive]:
    """Open the archive for one command and close it afterwards."""
    archive = open_archive(settings)
    try:
        yield archive
    finally:
        archive.close()


def store_worker(settings: Config) -> Worker[BotStore]:
    """Make the worker that owns bot.db."""
    return Worker("conversation", lambda: store.open_store(settings.store.directory))


def in_zone(settings: Config, zone: str) -> Config:
    """Return the settings with another zone to talk in."""
    return settings.model_copy(update={"chat": settings.chat.model_copy(update={"zone": zone})})


@contextmanager
def opened_store(settings: Config) -> Iterator[BotStore | None]:
    """Open bot.db for one command and close it afterwards; None where the bot never ran, and none is made."""
    if not (settings.store.directory / store.FILE).exists():
        yield None
        return
    conversation = store.open_store(settings.store.directory)
    try:
        yield conversation
    finally:
        conversation.close()


def zone_of(name: str | None, settings: Config) -> str:
    """Return the zone that was asked for, else the config's. Raises: UsageError."""
    zone = name if name is not None else settings.chat.zone
    if not times.known_zone(zone):
        raise UsageError(f"unknown time zone {zone!r}; use an IANA name such as Europe/Kyiv")
    return zone


def moment_of(text: str, zone: str) -> datetime:
    """Read an ISO 8601 time; one without an offset is meant in `zone`. Raises: UsageError."""
    try:
        moment = datetime.fromisoformat(text.strip())
        local = moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone))
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UsageError(f"not an ISO 8601 time: {text!r}; write it like 2024-10-24T14:05:00+01:00") from error


def start_log() -> None:
    """Log what we do to stderr, and of libraries only what is wrong."""
    logging.basicConfig(
        stream=sys.stderr, level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    for ours in ("bot", "index"):
        logging.getLogger(ours).setLevel(logging.INFO)
