"""`python -m bench startup`: from nothing to an answer, and the memory that serving takes.

Each command is a process of its own, in turns over the environments and settings that are compared; the archive's files
are in the system's cache, as on a machine that serves. The first round of each is not counted.
"""

import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from bench.data import ROOT
from bench.processes import peak_mb, resident_mb, started, timed
from bench.spreads import ratios, spread
from bench.writing import show_beside
from tests.botapi import NONE, Message, Server
from tests.botapi.bots import call

QUESTION = "How many people have died so far?"
_WITHIN_S = 120.0
_LATER = 20  # questions more, after which memory is looked at

Result = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A way to run: the Python of an environment, and the runtime."""

    name: str
    python: Path
    runtime: str


def settings(light: Path | None) -> tuple[Setting, ...]:
    """Name what is compared: this environment with both runtimes and, where it is there, the light one."""
    here = Path(sys.executable)
    found = (
        Setting(name="full, reference", python=here, runtime="sentence-transformers"),
        Setting(name="full, onnx", python=here, runtime="onnx"),
    )
    return found if light is None else (*found, Setting(name="light", python=light, runtime="onnx"))


def measure(archive: Path, compared: Sequence[Setting], *, runs: int) -> dict[str, Result]:
    """Time every command in every setting, `runs` times.

    Args:
        archive: a folder with news.db; a copy is used.
        compared: the first is what the others are divided by.
        runs: rounds that count.
    """
    kept: dict[str, dict[str, list[float]]] = {one.name: {} for one in compared}
    with TemporaryDirectory() as place:
        folder = Path(place)
        shutil.copytree(archive, folder / "data")
        for number in range(runs + 1):
            for setting in compared:
                figures = _round(setting, folder)
                for name, value in figures.items() if number else ():
                    kept[setting.name].setdefault(name, []).append(value)
    base = kept[compared[0].name]
    return {
        name: {what: spread(values) for what, values in figures.items()}
        | {f"{what} ÷ base": ratios(values, base[what]) for what, values in figures.items()}
        for name, figures in kept.items()
    }


def _round(setting: Setting, folder: Path) -> dict[str, float]:
    config = folder / "dateline.toml"
    config.write_text(f'[encoder]\nruntime = "{setting.runtime}"\n')
    helped = timed(_command(setting, "--help"), _environment(), folder)
    asked = timed(_command(setting, "--config", str(config), "--data", "data", "ask", QUESTION), _environment(), folder)
    return {
        "--help s": helped.seconds,
        "ask s": asked.seconds,
        "ask CPU s": asked.cpu_s,
        "ask peak MB": asked.peak_mb,
        **asyncio.run(_served(setting, folder)),
    }


async def _served(setting: Setting, folder: Path) -> dict[str, float]:
    """Start the bot with a question waiting; take the time of its first answer, and its memory after some more."""
    async with Server(limits=NONE) as server:
        config = folder / "bot.toml"
        config.write_text(
            f'[encoder]\nruntime = "{setting.runtime}"\n[telegram]\nbase_url = "{server.url}"\n'
            "[limits]\nuser_per_minute = 1000\nchat_per_minute = 1000\n"
        )
        await call(server, "getMe")  # what our Telegram loads at its first call is no time of the bot's
        ann = server.user("Ann", started=True)
        asked = ann.says(QUESTION)
        began = time.perf_counter()
        command = _command(setting, "--config", str(config), "--data", "data", "run")
        variables = _environment() | {"DATELINE_TELEGRAM_TOKEN": server.token}
        async with started(command, variables, folder) as process:
            await _replied(server, asked, process, folder / "said")
            first = time.perf_counter() - began
            for number in range(_LATER):
                await _replied(server, ann.says(f"What happened on day {number}?"), process, folder / "said")
            return {
                "first answer of the bot s": first,
                "serving MB": resident_mb(process.pid),
                "serving peak MB": peak_mb(process.pid),
            }


async def _replied(server: Server, asked: Message, process: "subprocess.Popen[bytes]", said: Path) -> None:
    """Wait for the answer. Raises: RuntimeError with the bot's log, where it ended or says nothing."""
    try:
        await server.reply_to(asked, timeout_s=_WITHIN_S)
    except TimeoutError as error:
        raise RuntimeError(f"no answer, exit code {process.poll()}: {said.read_text()[-2000:]}") from error


def _command(setting: Setting, *arguments: str) -> list[str]:
    return [str(setting.python), "-m", "bot", *arguments]


def _environment() -> dict[str, str]:
    """Return the environment, with our code first and compiled modules kept, as they are after the first start."""
    return {name: value for name, value in environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | {
        "PYTHONPATH": str(ROOT)
    }


def show(console: Console, title: str, results: Mapping[str, Result]) -> None:
    """Print one column a setting."""
    show_beside(console, title, results)
