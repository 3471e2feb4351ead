"""`dateline chat`: wires the terminal to the dialogue, the desk and the archive's worker."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from bot import terminal
from bot.commands import opening
from bot.commands.options import Options
from bot.desk import Desk
from bot.texts import chosen
from bot.workers import Priority, Worker
from index import Archive


def run(options: Options, *, now: str | None, zone: str | None) -> None:
    """Talk until Ctrl-D."""
    settings = opening.load(options)
    asker_zone = opening.zone_of(zone, settings)
    clock = _clock(now, asker_zone)
    worker: Worker[Archive] = Worker("archive", lambda: opening.open_archive(settings))
    output, language = terminal.console(), chosen(settings.chat.language)
    with asyncio.Runner() as runner:
        runner.run(worker.start())
        try:
            # Loaded while the person types; what goes wrong shows with the first question.
            worker.submit(Priority.QUESTION, lambda archive: archive.warm())
            typed = sys.stdin.isatty()
            if typed:
                terminal.welcome(output, language=language)
            desk = Desk(worker, zone=asker_zone)
            terminal.chat(desk, runner, output, read_line=_reader(), clock=clock, echo=not typed, language=language)
        finally:
            runner.run(worker.stop())


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
