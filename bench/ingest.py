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
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.data import BenchSet, Judgement, judgements
from bench.measures import Share, share
from bench.quality import keys_by_title
from bench.spreads import Spread, ratios, spread
from bot.commands import batch
from bot.commands.progress import shown
from index.archive import Archive, open_archive
from index.config import ArchiveConfig, StoreConfig
from index.encode import Encoder, open_encoder
from index.errors import StoreError
from index.query_vectors import TOGETHER
from index.vectors.ports import Vectors

Result = Mapping[str, Share | Spread | float | int | str | None]

_BARE_SAMPLE = 1024
_RUNS = 5
_ALONE = 200
_PEOPLE = 200
_PASSAGE_WORDS = 60
_WARM_BATCH = 32
_PLACES = (1, 5, 10)
_MEBI = 1 << 20


class TimedEncoder:
    """An encoder that keeps count of its passages, when the first batch came, and the processor time of its thread."""

    def __init__(self, inner: Encoder) -> None:
        """Wrap an encoder."""
        self._inner = inner
        self.texts: list[str] = []
        self.first_at_s: float | None = None
        self.cpu_s = 0.0

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
        began = time.thread_time()
        vectors = self._inner.encode_passages(texts)
        self.cpu_s += time.thread_time() - began
        return vectors


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
    result: dict[str, Share | Spread | float | int | str | None] = {"encoder": timed.id, "load s": loaded_s}
    ingested = _ingest(archive, bench_set, timed)
    result |= ingested
    result["peak MB after ingest"] = peak_mb()
    result |= _bare(inner, timed.texts, ingested["passages/s"], ingested["whole passages/s"])
    judged = judgements(bench_set, keys_by_title(archive), scoped_to_stream=False)[:limit]
    result |= _ask(archive, judged)
    result |= _at_once(archive, judged)
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


def _at_once(archive: Archive, judged: Sequence[Judgement]) -> dict[str, Spread | int]:
    """Ask what as many people would ask at once, together as the bot does and one by one, in turns."""
    questions = [one.question for one in judged if one.question.previous is None][:_PEOPLE]
    texts = [question.text for question in questions]
    vectors = archive._query_vectors

    def many() -> None:
        for start in range(0, len(questions), TOGETHER):
            for _ in archive.ask_many(questions[start : start + TOGETHER]):
                pass

    def alone() -> None:
        for question in questions:
            archive.ask(question)

    def encoded_at_once() -> None:
        for start in range(0, len(texts), TOGETHER):
            vectors.of(texts[start : start + TOGETHER])

    def encoded_alone() -> None:
        for text in texts:
            vectors.one(text)

    ways: tuple[Callable[[], None], ...] = (many, alone, encoded_at_once, encoded_alone)
    rates: list[list[float]] = [[] for _ in ways]
    for _ in range(_RUNS):
        for way, kept in zip(ways, rates, strict=True):
            vectors._vectors.clear()
            began = time.perf_counter()
            way()
            kept.append(len(questions) / (time.perf_counter() - began))
    return {
        "asked at once": len(questions),
        "answers/s at once": spread(rates[0]),
        "answers/s one by one": spread(rates[1]),
        "answers/s, at once ÷ one by one": ratios(rates[0], rates[1]),
        "encoding of questions, at once ÷ one by one": ratios(rates[2], rates[3]),
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


def _cell(value: Share | Spread | float | int | str | None) -> str:
    match value:
        case None:
            return ""
        case Share():
            return f"{value.value:.3f} [{value.low:.2f}–{value.high:.2f}] n={value.n}"
        case float():
            return f"{value:,.2f}"
        case _:
            return str(value)
