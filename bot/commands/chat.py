"""`dateline chat`: wires the terminal to the dialogue, the desk and the archive's worker."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

from bot import terminal
from bot.commands import opening
from bot.commands.options import Options
from bot.commands.watch import archive_worker
from bot.desk import Desk
from bot.texts import chosen
from bot.workers import Priority, Worker


def run(options: Options, *, now: str | None, zone: str | None) -> None:
    """Talk until Ctrl-D."""
    settings = opening.load(options)
    asker_zone = opening.zone_of(zone, settings)
    clock = _clock(now, asker_zone)
    settings = opening.in_zone(settings, asker_zone)
    worker = archive_worker(settings)
    store = opening.store_worker(settings)
    output, language = terminal.console(), chosen(settings.chat.language)
    with asyncio.Runner() as runner:
        runner.run(_start(worker, store))
        try:
            # Loaded while the person types; what goes wrong shows with the first question.
            worker.submit(Priority.QUESTION, lambda archive: archive.warm())
            typed = sys.stdin.isatty()
            if typed:
                terminal.welcome(output, language=language)
            desk = Desk(worker, store, settings)
            terminal.chat(desk, runner, output, read_line=_reader(), clock=clock, echo=not typed, language=language)
        finally:
            runner.run(_stop(worker, store))


async def _start(*workers: Worker[Any]) -> None:
    for worker in workers:
        await worker.start()


async def _stop(*workers: Worker[Any]) -> None:
    for worker in workers:
        await worker.stop()


def _clock(now: str | None, zone: str) -> Callable[[], datetime]:
    if now is None:
        return opening.utc_now
    fixed = opening.moment_of(now, zone)
    return lambda: fixed


def _reader() -> Callable[[], str]:
    if not sys.stdin.isatty():
        return input
    with suppress(ImportError):  # not on every platform; without it there is no history
        import readline  # noqa: F401  input() uses it once it is loaded
    return lambda: input(terminal.PROMPT)
