"""`python -m bench soak`: the bot for an hour, asked and fed all the while; what it holds must not grow.

`dateline run` as a process of its own follows a live blog that we serve: a fixed number of updates, some of which are
edited at each look, and forty people ask in turn. So revisions grow, with their vectors in the snapshot that is mapped,
and the ledger of answers: nothing else may. Its Telegram is the tests' strict one.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from os import environ
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Thread
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.data import ROOT
from bench.processes import descriptors, own_mb, resident_mb, started, threads
from tests.botapi import NONE, Person, Server

_UPDATES, _EDITED = 400, 20
_PEOPLE = 40  # corrections of what one person is told wait behind the answers to her
_EDIT_EVERY_S, _ASK_EVERY_S = 10.0, 0.5
_STARTED_WITHIN_S = 120.0
_SETTLED = 0.5  # the first part of the time is not counted: caches fill
_HOUR_S = 3600.0
_PLACES = ("Lindow", "Alder", "Kalvenna", "Ottilie", "Brennmark", "Sorrel", "Tarn", "Wick")
FILES = ("news.db", "news.db-wal", "bot.db", "bot.db-wal")

Sample = dict[str, float]


def measure(*, minutes: float, sample_every_s: float = 10.0) -> dict[str, Any]:
    """Run it and return what was sampled, what was done, and the slope of each figure by the hour."""
    with TemporaryDirectory() as place:
        return asyncio.run(_soak(Path(place), minutes * 60, sample_every_s))


async def _soak(folder: Path, seconds: float, sample_every_s: float) -> dict[str, Any]:
    blog = folder / "served" / "blog.jsonl"
    blog.parent.mkdir()
    _write(blog, 0)
    with _hosted(blog.parent) as address:
        async with Server(limits=NONE) as server, _bot(server, folder, f"{address}/{blog.name}") as process:
            people = [server.user(f"Reader {number}", started=True) for number in range(_PEOPLE)]
            await server.reply_to(people[0].says("What happened in Lindow?"), timeout_s=_STARTED_WITHIN_S)
            samples: list[Sample] = []
            done = {"asked": 0, "answered": 0, "edits": 0}
            tasks = [
                asyncio.create_task(_asking(server, people, done)),
                asyncio.create_task(_editing(blog, done)),
            ]
            began = time.monotonic()
            while time.monotonic() - began < seconds and process.poll() is None:
                samples.append({"s": time.monotonic() - began, **_sample(process.pid, folder / "data")})
                await asyncio.sleep(min(sample_every_s, seconds / 8))
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            if process.poll() is not None:
                raise RuntimeError(f"the bot ended with {process.returncode}: {(folder / 'said').read_text()[-2000:]}")
    return {"minutes": seconds / 60, **done, "slopes": slopes(samples), "last": samples[-1], "samples": samples}


async def _asking(server: Server, people: Sequence[Person], done: dict[str, int]) -> None:
    while True:
        where = f"{_PLACES[done['asked'] % len(_PLACES)]} at house {done['asked'] % 97}"
        asked = people[done["asked"] % len(people)].says(f"What happened in {where}?")
        done["asked"] += 1
        await server.reply_to(asked, timeout_s=_STARTED_WITHIN_S)
        done["answered"] += 1
        await asyncio.sleep(_ASK_EVERY_S)


async def _editing(blog: Path, done: dict[str, int]) -> None:
    while True:
        await asyncio.sleep(_EDIT_EVERY_S)
        done["edits"] += _EDITED
        await asyncio.to_thread(_write, blog, done["edits"])


def _write(path: Path, edits: int) -> None:
    """Write the live blog as it stands after so many edits, in one step."""
    start = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    lines = []
    for number in range(_UPDATES):
        times = edits // _UPDATES + (number < edits % _UPDATES)
        where = _PLACES[number % len(_PLACES)]
        lines.append(
            json.dumps(
                {
                    "id": f"u{number}",
                    "title": f"House {number} in {where}",
                    "text": f"The roof of house {number} in {where} was looked at {times} times. Nobody was hurt.",
                    "live_blog": "roofs",
                    "published_at": (start + timedelta(minutes=number)).isoformat(),
                }
            )
        )
    part = path.with_suffix(".part")
    part.write_text("\n".join(lines) + "\n", encoding="utf-8")
    part.replace(path)


def _sample(process: int, data: Path) -> Sample:
    sizes = {f"{name} kB": (data / name).stat().st_size / 1000 if (data / name).exists() else 0.0 for name in FILES}
    snapshot = sum(path.stat().st_size for path in data.glob("snapshot*/**/*") if path.is_file()) / 1000
    return {
        "memory MB": resident_mb(process),
        "of it its own MB": own_mb(process),
        "descriptors": descriptors(process),
        "threads": threads(process),
        **sizes,
        "snapshot kB": snapshot,
    }


def slopes(samples: list[Sample]) -> dict[str, float]:
    """Fit a line through each figure of the settled part; its slope by the hour."""
    settled = samples[int(len(samples) * _SETTLED) :]
    if len(settled) < 2:
        return {}
    at = np.array([one["s"] for one in settled]) / _HOUR_S
    return {
        name: float(np.polyfit(at, np.array([one[name] for one in settled]), 1)[0])
        for name in settled[0]
        if name != "s"
    }


@contextmanager
def _hosted(folder: Path) -> Iterator[str]:
    """Serve a folder on this machine."""

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder))) as host:
        thread = Thread(target=host.serve_forever, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{host.server_port}"
        finally:
            host.shutdown()
            thread.join()


def _bot(server: Server, folder: Path, blog: str) -> AbstractAsyncContextManager["subprocess.Popen[bytes]"]:
    config = folder / "dateline.toml"
    config.write_text(
        f'[[sources]]\nname = "Roofs"\nurl = "{blog}"\nformat = "jsonl"\ninterval_s = 5.0\n'
        f'[fetch]\nallow_private = true\n[telegram]\nbase_url = "{server.url}"\n'
        "[limits]\nuser_per_minute = 10000\nchat_per_minute = 10000\n"
    )
    command = [sys.executable, "-m", "bot", "--config", str(config), "--data", str(folder / "data"), "run"]
    variables = environ | {"DATELINE_TELEGRAM_TOKEN": server.token, "PYTHONPATH": str(ROOT)}
    return started(command, variables, folder)


def show(console: Console, results: Mapping[str, Any]) -> None:
    """Print what was held at the end and how it grew."""
    done = f"{results['asked']} asked, {results['answered']} answered, {results['edits']} edits"
    view = Table("held", title=f"{results['minutes']:g} minutes: {done}")
    for heading in ("at the end", "slope an hour"):
        view.add_column(heading, justify="right")
    for name, slope in results["slopes"].items():
        view.add_row(name, f"{results['last'][name]:,.1f}", f"{slope:+,.2f}")
    console.print(view)
