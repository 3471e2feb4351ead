"""`python -m bench bulk`: a gigabyte of JSON Lines, written by us, read and stored; killed half-way, begun again.

Encoding is left out: it is hours of the model's own work, and `bench ingest` tells its rate. What is asked here: how
fast a file is stored, whether memory grows with it, and whether a kill loses or doubles anything.
"""

import hashlib
import json
import random
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path

from rich.console import Console

from bench.data import ROOT
from bench.writing import show_beside
from index.errors import StoreError
from index.store import Store

SIZES_MB = (10, 100, 1000)
_MEGA = 1_000_000
_WORDS, _SENTENCES, _WORDS_EACH = 30_000, 6, 20
_SYLLABLES = "ba del fi gor hu ken lim mo nar pel qui ros sta tev ul van wes yor zin cha".split()
_BLOG_UPDATES = 250
_START = datetime(2020, 1, 1, tzinfo=UTC)

Figures = Mapping[str, float | int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A file that was written: what it holds, and a sum of its entries in which their order does not matter."""

    path: Path
    updates: int
    size_bytes: int
    sum: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What the child said: what it is at, how far, after how long, and the most that it held until then."""

    what: str
    done: int
    total: int
    s: float
    peak_mb: float


def measure(
    folder: Path, *, sizes_mb: Sequence[float] = SIZES_MB, console: Console | None = None
) -> Mapping[str, Figures]:
    """Write and store a file of each size, each archive killed when half of it is stored and then begun again.

    Raises: StoreError when the folder holds anything but what an earlier run left.
    """
    results = {}
    for size_mb in sizes_mb:
        _clear(folder)
        written = write_lines(folder / "bulk.jsonl", size_bytes=int(size_mb * _MEGA))
        results[f"{size_mb:g} MB"] = _stored(folder / "archive", written)
        if console is not None:
            console.print(f"{size_mb:g} MB: {results[f'{size_mb:g} MB']}", style="dim")
        _clear(folder)
    return results


def _clear(folder: Path) -> None:
    if folder.exists():
        if {path.name for path in folder.iterdir()} - {"bulk.jsonl", "archive"}:
            raise StoreError(f"{folder}: holds something that is not of this measurement; it is not replaced")
        shutil.rmtree(folder)
    folder.mkdir(parents=True)


# What is read


def write_lines(path: Path, *, size_bytes: int) -> Written:
    """Write updates of invented words, as long as those of real live blogs, until the file has its size."""
    size = count = total = 0
    with path.open("wb") as file:
        for record in _records():
            line = json.dumps(record).encode() + b"\n"
            size += file.write(line)
            count += 1
            total += _digest(record["id"], record["text"])
            if size >= size_bytes:
                break
    return Written(path=path, updates=count, size_bytes=size, sum=total)


def _records() -> Iterator[dict[str, str]]:
    chance = random.Random(_WORDS)
    words = ["".join(chance.choices(_SYLLABLES, k=chance.randint(1, 4))) for _ in range(_WORDS)]
    weights = list(accumulate(1 / place for place in range(1, _WORDS + 1)))  # as often as words of a language are
    number = 0
    while True:
        told = (
            chance.choices(words, cum_weights=weights, k=_WORDS_EACH) for _ in range(chance.randint(1, 2 * _SENTENCES))
        )
        text = " ".join(" ".join(sentence).capitalize() + "." for sentence in told)
        yield {
            "id": f"u{number}",
            "title": " ".join(chance.choices(words, cum_weights=weights, k=5)).capitalize(),
            "text": text,
            "live_blog": f"blog {number // _BLOG_UPDATES}",
            "published_at": (_START + timedelta(minutes=number)).isoformat(),
            "url": f"https://bulk.example/{number}",
        }
        number += 1


def _digest(key: str, text: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{key}\0{text}".encode(), digest_size=8).digest(), "big")


# Storing it


def _stored(archive: Path, written: Written) -> Figures:
    first = _run(archive, written, kill_at=written.updates // 2)
    second = _run(archive, written)
    half = first[-1]
    ended = next(step for step in reversed(second) if step.what == "updates")
    again = next(step for step in second if step.what == "updates" and step.done >= half.done)
    mb = written.size_bytes / _MEGA / written.updates  # a line, on average
    new = [*_rates(first, mb, until=half.done), *_rates(second, mb, since=again.done)]
    return {
        "updates": written.updates,
        "end told before the first update": "yes" if first[1].total == written.updates else "no",
        "MB/s stored": half.done * mb / (half.s - first[0].s),
        "MB/s stored, first tenth": new[0],
        "MB/s stored, last tenth": new[-1],
        "MB/s passed over when begun again": again.done * mb / (again.s - second[0].s),
        "updates/s stored": half.done / (half.s - first[0].s),
        "peak MB before anything": first[0].peak_mb,
        "peak MB, a tenth stored": _peak(first, written.updates // 10),
        "peak MB, half stored": half.peak_mb,
        "peak MB, all stored": ended.peak_mb,
        "peak MB, followed by the index": second[-1].peak_mb,
        "disk MB": sum(path.stat().st_size for path in archive.iterdir()) / _MEGA,
        **_kept(archive / "news.db", written),
    }


def _run(archive: Path, written: Written, *, kill_at: int | None = None) -> list[Step]:
    """Store a file in a process of its own, and kill it without warning once so many updates are in."""
    command = [sys.executable, "-m", "bench.bulk_child", str(archive), str(written.path)]
    steps = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        for line in process.stdout:
            steps.append(Step(**json.loads(line)))
            if kill_at is not None and steps[-1].what == "updates" and steps[-1].done >= kill_at:
                process.kill()
                break
    if kill_at is None and process.returncode:
        raise RuntimeError(f"{command} ended with {process.returncode}")
    return steps


def _rates(steps: Sequence[Step], mb: float, *, since: int = 0, until: int | None = None) -> Iterator[float]:
    """Give the rate in each tenth of a file, of those between two marks."""
    told = [step for step in steps if step.what in ("begun", "updates")]
    told = [step for step in told if step.done >= since and (until is None or step.done <= until)]
    every = max(1, len(told) // 5)
    for earlier, later in zip(told[:-every:every], told[every::every], strict=False):
        yield (later.done - earlier.done) * mb / (later.s - earlier.s)


def _peak(steps: Sequence[Step], done: int) -> float:
    return next(step.peak_mb for step in steps if step.done >= done)


def _kept(path: Path, written: Written) -> Figures:
    """Compare what is in the archive with what was written."""
    with closing(sqlite3.connect(path)) as db:
        ours = sum(_digest(*row) for row in db.execute(
            "select u.key, r.text from updates u join revisions r on r.update_id = u.id"
        ))  # fmt: skip
        ((updates, revisions, passages, texts),) = db.execute(
            """select (select count(*) from updates), (select count(*) from revisions),
                      (select count(*) from passages), (select count(*) from full_text_docsize)"""
        )
    with closing(Store(path)) as store:
        findings = store.integrity()
    return {
        "passages": passages,
        "lost": max(0, written.updates - updates),
        "doubled": max(revisions, updates) - min(updates, written.updates),
        "entries the same": "yes" if ours == written.sum and texts == passages else "no",
        "damage": "; ".join(findings) or "none",
    }


def show(console: Console, title: str, results: Mapping[str, Figures]) -> None:
    """Print one column a size."""
    show_beside(console, title, results, _cell)


def _cell(value: float | int | str) -> str:
    return f"{value:,.2f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else value
