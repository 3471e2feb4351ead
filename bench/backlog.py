"""`python -m bench backlog`: news and questions while a great many passages wait to be encoded.

The product's own loop and worker, as `dateline run` has them. Of each job two times are told: what the model took, and
what else it cost in processor time of its thread, which is what must not grow with the backlog.
"""

import asyncio
import random
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.ingest import TimedEncoder
from bot.watch import Watcher
from bot.workers import Priority, Worker
from index.archive import Archive, open_archive
from index.config import ArchiveConfig, StoreConfig
from index.encode import Encoder, open_encoder
from index.reports import Progress
from index.types import Question, Update

Result = Mapping[str, float | int]

SIZES = (1_000, 10_000, 100_000)
_STORED_TOGETHER = 2_000
_ASK_EVERY_S = 0.2
_PATIENCE_S = 60.0
_SEED = 11
_QUESTIONS = ("How many crates did depot {} count?", "What happened at depot {}?", "Which depot counted {} crates?")


@dataclass(slots=True)
class _Seen:
    """What happened in the archive's thread: each encoding job, and when the news that is waited for had its vector."""

    jobs_s: list[float] = field(default_factory=list)
    beside_s: list[float] = field(default_factory=list)
    awaited: int = 0
    found_at: float = 0.0


def measure(*, sizes: Sequence[int] = SIZES, news: int = 10, encoder: Encoder | None = None) -> Mapping[str, Result]:
    """Bring news into backlogs of these sizes, and ask meanwhile. Returns: size -> measure -> value."""
    inner = encoder or open_encoder(ArchiveConfig().encoder)
    results = {}
    for size in sizes:
        with TemporaryDirectory() as folder:
            results[f"{size:,}"] = asyncio.run(_run(Path(folder), size, news, inner))
    return results


async def _run(folder: Path, size: int, news: int, inner: Encoder) -> Result:
    timed, seen = TimedEncoder(inner), _Seen()
    async with Worker("archive", partial(_opened, folder, size, timed, seen)) as worker:
        watcher = Watcher(worker=worker, sources=(), clock=_now)
        pending = await worker.do(Priority.QUESTION, lambda archive: archive.follower.pending)
        waits: list[float] = []
        tasks = [asyncio.create_task(watcher.run()), asyncio.create_task(_asking(worker, size, waits))]
        try:
            brought = [await _bring(worker, watcher, seen, number) for number in range(news)]
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        left = await worker.do(Priority.QUESTION, lambda archive: archive.follower.pending)
    return {
        "pending at first": pending,
        "pending at last": left,
        "news found": sum(found for _, found in brought) / news,
        "ms until news is found, median": 1000 * statistics.median(took for took, _ in brought),
        "ms until news is found, longest": 1000 * max(took for took, _ in brought),
        "questions": len(waits),
        "ms that a question waits, median": 1000 * statistics.median(waits),
        "ms that a question waits, longest": 1000 * max(waits),
        "jobs": len(seen.jobs_s),
        "ms of a job, median": 1000 * statistics.median(seen.jobs_s),
        "ms of a job, longest": 1000 * max(seen.jobs_s),
        "processor ms of a job beside the model, median": 1000 * statistics.median(seen.beside_s),
        "processor ms of a job beside the model, longest": 1000 * max(seen.beside_s),
    }


def _opened(folder: Path, size: int, timed: TimedEncoder, seen: _Seen) -> Archive:
    archive = open_archive(ArchiveConfig(store=StoreConfig(directory=folder)), now=_now(), encoder=timed)
    for start in range(0, size, _STORED_TOGETHER):
        numbers = range(start, min(size, start + _STORED_TOGETHER))
        stories = [_story(f"d{number}", f"Depot {number} counted {number + 7} crates at noon.") for number in numbers]
        archive.take("a backlog", stories, now=_now())
    archive.warm()
    timed.encode_passages(["warm " * 12] * 8)
    encode = archive.encode_pending

    def encode_pending(*, progress: Progress | None = None, limit: int | None = None) -> int:
        began, cpu_s, model_s = time.perf_counter(), time.thread_time(), timed.cpu_s
        done = encode(progress=progress, limit=limit)
        ended = time.perf_counter()
        if done:
            seen.jobs_s.append(ended - began)
            seen.beside_s.append(time.thread_time() - cpu_s - (timed.cpu_s - model_s))
        if seen.awaited and not seen.found_at:
            columns = archive.follower.columns
            if columns.encoded[columns.updates == seen.awaited].any():
                seen.found_at = ended
        return done

    archive.encode_pending = encode_pending  # type: ignore[method-assign]
    return archive


async def _bring(worker: Worker[Archive], watcher: Watcher, seen: _Seen, number: int) -> tuple[float, bool]:
    """Bring one update at any moment. Returns: the seconds until its vector is there, and whether it is then found."""
    await asyncio.sleep(random.Random(_SEED + number).uniform(0.2, 0.6))
    story = _story(f"l{number}", f"Lighthouse {number} at Cape Orrin fell silent.")
    began = time.perf_counter()

    def take(archive: Archive) -> None:
        archive.take("news", [story], now=_now())
        seen.awaited, seen.found_at = archive.store.update_number(story.key, "news"), 0.0

    await worker.do(Priority.LOOK, take)
    watcher.wake()
    while not seen.found_at and time.perf_counter() - began < _PATIENCE_S:
        await asyncio.sleep(0.002)
    asked = Question(text=f"Which lighthouse at Cape Orrin fell silent, {number}?", now=_now())
    answer = await worker.do(Priority.QUESTION, lambda archive: archive.ask(asked))
    return (seen.found_at or time.perf_counter()) - began, story.key in {
        near.citation.update_id for near in answer.nearest
    }


async def _asking(worker: Worker[Archive], size: int, waits: list[float]) -> None:
    """Ask now and then; note how long each question waits for its turn."""
    chance = random.Random(_SEED)
    while True:
        await asyncio.sleep(_ASK_EVERY_S * chance.uniform(0.5, 1.5))
        asked = Question(text=chance.choice(_QUESTIONS).format(chance.randrange(size)), now=_now())
        handed = time.perf_counter()
        waits.append(await worker.do(Priority.QUESTION, partial(_waited, asked, handed)))


def _waited(asked: Question, handed: float, archive: Archive) -> float:
    waited = time.perf_counter() - handed
    archive.ask(asked)
    return waited


def _story(key: str, text: str) -> Update:
    return Update(key=key, text=text, title="", live_blog="depots", published_at=_now() - timedelta(seconds=1))


def _now() -> datetime:
    return datetime.now(UTC)
