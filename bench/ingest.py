"""`python -m bench ingest`: how fast a set is read, encoded and asked, by the code that the `dateline` command runs.

Rates are of this machine; what compares across machines is `share of bare encoding`, on a set of thousands of passages:
on a small one it mostly tells what torch pays for the first batch of each length.
"""

import io
import json
import random
import resource
import shutil
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.data import BenchSet, Judgement, judgements
from bench.measures import Share, share
from bench.quality import keys_by_title
from bot.commands import batch
from bot.commands.progress import shown
from bot.watch import ENCODE_TOGETHER, next_step
from index.archive import Archive, open_archive
from index.config import ArchiveConfig, StoreConfig
from index.encode import Encoder, open_encoder
from index.errors import StoreError
from index.types import Question, Update
from index.vectors.ports import Vectors

Result = Mapping[str, Share | float | int | str | None]

_BARE_SAMPLE = 1024
_RUNS = 5
_ALONE = 200
_BACKLOG = 8_000
_NEWS = 10
_JOBS_BETWEEN = 4
_PASSAGE_WORDS = 60
_WARM_BATCH = 32
_PLACES = (1, 5, 10)
_MEBI = 1 << 20


class TimedEncoder:
    """An encoder that keeps count of its passages and remembers when the first batch came."""

    def __init__(self, inner: Encoder) -> None:
        """Wrap an encoder."""
        self._inner = inner
        self.texts: list[str] = []
        self.first_at_s: float | None = None

    @property
    def id(self) -> str:
        """Return the wrapped encoder's id."""
        return self._inner.id

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Pass on."""
        return self._inner.encode_queries(texts)

    def encode_passages(self, texts: Sequence[str]) -> Vectors:
        """Pass on, and count."""
        if self.first_at_s is None:
            self.first_at_s = time.perf_counter()
        self.texts.extend(texts)
        return self._inner.encode_passages(texts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The answers of a batch by the id of their line, and how long all of them took."""

    answers: Mapping[str, Mapping[str, Any]]
    seconds: float


def measure(bench_set: BenchSet, *, folder: Path, encoder: Encoder | None = None, limit: int | None = None) -> Result:
    """Ingest a set into a fresh archive, then answer its questions.

    Args:
        bench_set: what to read and ask.
        folder: where the archive is made; one that is there already is replaced.
        encoder: stands in for the shipped one.
        limit: ask only so many questions.

    Raises: StoreError when the folder holds anything but an archive.
    """
    _clear(folder)
    inner = encoder or open_encoder(ArchiveConfig().encoder)
    timed = TimedEncoder(inner)
    settings = ArchiveConfig(store=StoreConfig(directory=folder))
    archive = open_archive(settings, now=datetime.now(UTC), encoder=timed)
    began = time.perf_counter()
    archive.warm()
    # The first long batch costs torch seconds, however many follow: without this, small sets would measure only that.
    inner.encode_passages(["warm " * _PASSAGE_WORDS] * _WARM_BATCH)
    loaded_s = time.perf_counter() - began
    result: dict[str, Share | float | int | str | None] = {"encoder": timed.id, "load s": loaded_s}
    ingested = _ingest(archive, bench_set, timed)
    result |= ingested
    result["peak MB after ingest"] = peak_mb()
    result |= _bare(inner, timed.texts, ingested["passages/s"], ingested["whole passages/s"])
    result |= _ask(archive, judgements(bench_set, keys_by_title(archive), scoped_to_stream=False)[:limit])
    result |= _news(archive)
    result["peak MB"] = peak_mb()
    archive.close()
    return result


def _clear(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "news.db").is_file():
            raise StoreError(f"{folder}: holds something that is not an archive; it is not replaced")
        shutil.rmtree(folder)


def _ingest(archive: Archive, bench_set: BenchSet, timed: TimedEncoder) -> dict[str, float | int]:
    began = time.perf_counter()
    with shown() as progress:
        archive.ingest_file(bench_set.corpus, now=datetime.now(UTC), source=bench_set.name, progress=progress)
    ended = time.perf_counter()
    read = timed.first_at_s or ended
    status = archive.status(now=datetime.now(UTC))
    return {
        "updates": status.updates,
        "passages": status.passages,
        "read and store s": read - began,
        "updates/s": status.updates / (read - began),
        "encode s": ended - read,
        # Equal texts are encoded once, so these are texts, not rows; storing and indexing them is in the time.
        "passages/s": len(timed.texts) / (ended - read) if timed.texts else 0.0,
        "whole passages/s": len(timed.texts) / (ended - began),
    }


def _bare(encoder: Encoder, texts: Sequence[str], rate: float, whole: float) -> dict[str, float | int]:
    """Encode samples of the same texts with nothing around it, each in one batch as large as ours."""
    rates = []
    for run in range(_RUNS):
        chosen = random.Random(run).sample(list(texts), min(_BARE_SAMPLE, len(texts)))
        began = time.perf_counter()
        encoder.encode_passages(chosen)
        rates.append(len(chosen) / (time.perf_counter() - began))
    bare = statistics.median(rates)
    return {
        "bare passages/s": bare,
        "bare, lowest of 5": min(rates),
        "bare, highest of 5": max(rates),
        "share of bare encoding": rate / bare,
        "share, reading and storing too": whole / bare,
    }


def _news(archive: Archive) -> dict[str, float | int | None]:
    """Bring news into a backlog, each time just as a job of it has begun; tell when it can be found, at the latest.

    What `dateline run` does, in its order: the job that runs ends, the news is stored, the next job encodes the newest.
    """
    now = datetime.now(UTC)
    backlog = [
        _story(number, f"Depot {number} counted {number + 7} crates at noon.", now) for number in range(_BACKLOG)
    ]
    archive.take("a backlog", backlog, now=now)
    together, waits, found = ENCODE_TOGETHER, [], 0
    for number in range(_NEWS):
        for _ in range(_JOBS_BETWEEN):
            together = _job(archive, together)[0]
        waited_s = _job(archive, together)[1]
        began = time.perf_counter()
        story = _story(_BACKLOG + number, f"Lighthouse {number} at Cape Orrin fell silent.", datetime.now(UTC))
        archive.take("news", [story], now=datetime.now(UTC))
        _job(archive, together)
        waits.append((waited_s + time.perf_counter() - began) * 1000)
        asked = Question(text=f"Which lighthouse at Cape Orrin fell silent, {number}?", now=datetime.now(UTC))
        found += story.key in {near.citation.update_id for near in archive.ask(asked).nearest}
    return {
        "news into a backlog of": archive.follower.pending,
        "news found": found / _NEWS,
        "median ms until news is found": statistics.median(waits),
        "longest ms until news is found": max(waits),
    }


def _job(archive: Archive, together: int) -> tuple[int, float]:
    began = time.perf_counter()
    archive.encode_pending(limit=together)
    took_s = time.perf_counter() - began
    return next_step(together, took_s), took_s


def _story(number: int, text: str, at: datetime) -> Update:
    return Update(key=f"story {number}", text=text, title="", live_blog="depots", published_at=at)


def _ask(archive: Archive, judged: Sequence[Judgement]) -> dict[str, Share | float | int | None]:
    done = answer_batch(archive, judged)
    answerable = [one for one in judged if one.gold]
    places = [_place(done.answers[one.id], one.gold) for one in answerable]
    alone = list(_alone_ms(archive, judged[:_ALONE]))
    return {
        "questions": len(judged),
        "errors": sum("error" in answer for answer in done.answers.values()),
        "questions/s": len(judged) / done.seconds,
        "median ms of one alone": statistics.median(alone) if alone else None,
        **{f"hit@{most}": share([0 < place <= most for place in places]) for most in _PLACES},
    }


def answer_batch(archive: Archive, judged: Sequence[Judgement]) -> Batch:
    """Answer questions as `dateline ask --batch` does."""
    lines = b"".join(json.dumps(_line(one)).encode() + b"\n" for one in judged)
    defaults = batch.Defaults(now=datetime.now(UTC), zone="UTC", limit=10)
    began = time.perf_counter()
    groups = batch.groups(io.BytesIO(lines), defaults)
    answers = {str(answer["id"]): answer for answer in batch.answers(archive, groups)}
    return Batch(answers=answers, seconds=time.perf_counter() - began)


def _line(judged: Judgement) -> dict[str, Any]:
    question = judged.question
    previous = {"question": question.previous.question} if question.previous else None
    return {
        "id": judged.id,
        "question": question.text,
        "now": question.now.isoformat(),
        "zone": question.zone,
        "previous": previous,
    }


def _alone_ms(archive: Archive, judged: Sequence[Judgement]) -> Iterator[float]:
    """Ask one question after the other, as people do: each is encoded on its own."""
    for one in judged:
        began = time.perf_counter()
        archive.ask(one.question)
        yield (time.perf_counter() - began) * 1000


def _place(answer: Mapping[str, Any], gold: frozenset[str]) -> int:
    places = [n for n, near in enumerate(answer.get("nearest", ()), 1) if near["update_id"] in gold]
    return places[0] if places else 0


def peak_mb() -> float:
    """Return the most memory that this process has held so far."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    # Kibibytes, but bytes on macOS.
    return peak / _MEBI if sys.platform == "darwin" else peak / 1024


def show(console: Console, title: str, result: Result) -> None:
    """Print one set's figures."""
    view = Table("measure", title=title)
    view.add_column("value", justify="right")
    for name, value in result.items():
        view.add_row(name, _cell(value))
    console.print(view)


def _cell(value: Share | float | int | str | None) -> str:
    match value:
        case None:
            return ""
        case Share():
            return f"{value.value:.3f} [{value.low:.2f}–{value.high:.2f}] n={value.n}"
        case float():
            return f"{value:,.2f}"
        case _:
            return str(value)
