"""What `bench.growth` runs for each size, in a process of its own: opens the archive as a bot would, and asks.

So load time and memory are those of serving, and hold nothing of what grew the archive.
"""

import json
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import wraps
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np

from bench.ingest import peak_mb
from index.archive import Archive, open_archive
from index.config import ArchiveConfig, StoreConfig
from index.encode import Encoder
from index.rows import to_us
from index.types import Question
from index.vectors.ports import Ids, Mask, Vectors

Figures = dict[str, float]

STAGES = ("encode", "dense", "full text", "rank", "excerpt")
_NEAREST = 10
_SAME = 1e-6  # so much may rounding tell two equal vectors apart
_ASKED_FOR_RECALL = 200
_BLOCK = 16_384


@dataclass(slots=True)
class Clock:
    """Adds up the time of each stage of one answer; what one stage calls of another is not counted twice."""

    spent: dict[str, float] = field(default_factory=dict)
    _inner: list[float] = field(default_factory=lambda: [0.0])

    def watch(self, owner: object, name: str, stage: str) -> None:
        """Time every call of a method."""
        method: Callable[..., Any] = getattr(owner, name)

        @wraps(method)
        def timed(*args: Any, **named: Any) -> Any:  # noqa: ANN401  whatever the method takes and returns
            self._inner.append(0.0)
            began = time.perf_counter()
            try:
                return method(*args, **named)
            finally:
                took = time.perf_counter() - began
                self.spent[stage] = self.spent.get(stage, 0.0) + took - self._inner.pop()
                self._inner[-1] += took

        setattr(owner, name, timed)


def measure(
    folder: Path, questions: Sequence[str], *, runs: int, encoder: Encoder | None = None
) -> Mapping[str, Figures]:
    """Open an archive, ask its questions in so many runs of different ones, and hold the search against exact search.

    Returns: stage -> its median ms in each run ("1", "2", ...), and the rest under "archive".
    """
    began = time.perf_counter()
    config = ArchiveConfig(store=StoreConfig(directory=folder))
    archive = open_archive(config, now=datetime.now(UTC), encoder=encoder)
    archive.follower.catch_up()
    loaded_s = time.perf_counter() - began
    archive.warm()
    now = _end(archive)
    clock = _watched(archive)
    for text in questions[:5]:
        archive.ask(Question(text=text, now=now))
    told: dict[str, Figures] = {name: {} for name in (*STAGES, "the rest", "whole p50", "whole p99")}
    share = len(questions) // runs
    for run in range(runs):
        taken = [_asked(archive, clock, text, now) for text in questions[run * share : (run + 1) * share]]
        for name in (*STAGES, "the rest"):
            told[name][str(run + 1)] = statistics.median(one[name] for one in taken)
        whole = sorted(one["whole"] for one in taken)
        told["whole p50"][str(run + 1)] = statistics.median(whole)
        told["whole p99"][str(run + 1)] = whole[min(len(whole) - 1, round(0.99 * len(whole)))]
    told["archive"] = {
        "passages": float(len(archive.follower.columns)),
        "load ms": loaded_s * 1000,
        "snapshot MB": archive.follower.size_bytes() / 1e6,
        **memory(),
    }
    told["recall"] = _recall(archive, questions[:_ASKED_FOR_RECALL], now)
    told["archive"] |= _saving(archive, questions, now)
    archive.close()
    return told


def _end(archive: Archive) -> datetime:
    newest = archive.store.source_statuses()[0].newest_published_at
    return (newest or datetime.now(UTC)) + timedelta(hours=1)


def _watched(archive: Archive) -> Clock:
    clock, retrievers = Clock(), archive.search.retrievers
    clock.watch(archive._query_vectors, "of", "encode")
    clock.watch(retrievers, "dense", "dense")
    clock.watch(retrievers, "terms", "full text")
    clock.watch(retrievers, "lexical", "full text")
    clock.watch(archive.search, "ranked", "rank")
    clock.watch(archive.search, "_excerpts", "excerpt")
    return clock


def _asked(archive: Archive, clock: Clock, text: str, now: datetime) -> Figures:
    clock.spent.clear()
    began = time.perf_counter()
    archive.ask(Question(text=text, now=now))
    whole = time.perf_counter() - began
    stages = {name: clock.spent.get(name, 0.0) * 1000 for name in STAGES}
    return stages | {"whole": whole * 1000, "the rest": whole * 1000 - sum(stages.values())}


def memory() -> Figures:
    """Return what this process holds, in MB: of its own, and of mapped files, which the system may take back."""
    status = Path("/proc/self/status")
    if not status.is_file():
        return {"peak MB": peak_mb()}
    fields = dict(line.split(":", 1) for line in status.read_text().splitlines() if ":" in line)
    own, mapped = (int(fields[name].split()[0]) / 1024 for name in ("RssAnon", "RssFile"))
    return {"own MB": own, "mapped MB": mapped, "peak MB": peak_mb()}


def _saving(archive: Archive, questions: Sequence[str], now: datetime) -> Figures:
    """Write the snapshot in a thread, as a bot does, and ask meanwhile; tell how long each step holds others up."""
    archive.follower._saved_seq = 0  # as if all were new
    began = time.perf_counter()
    saving = archive.start_save()
    begun = time.perf_counter()
    assert saving is not None
    answers: list[float] = []
    with ThreadPoolExecutor(1) as threads:
        written = threads.submit(saving)
        for text in cycle(questions):
            asked = time.perf_counter()
            archive.ask(Question(text=text, now=now))
            answers.append(time.perf_counter() - asked)
            if written.done():
                break
    ended = time.perf_counter()
    archive.finish_save(written.result())
    return {
        "saving: its begin, ms": 1000 * (begun - began),
        "saving: in its thread, ms": 1000 * (ended - begun),
        "saving: an answer meanwhile, ms": 1000 * statistics.median(answers),
        "saving: the longest answer, ms": 1000 * max(answers),
        "saving: its end, ms": 1000 * (time.perf_counter() - ended),
    }


def _recall(archive: Archive, questions: Sequence[str], now: datetime) -> Figures:
    """Return how many of the 10 nearest that exact search finds are found, over all and in scopes of several widths."""
    vectors = archive.encoder.encode_queries(list(questions))
    columns = archive.follower.columns
    standing = columns.select(now_us=to_us(now), since_us=None, until_us=None, live_blogs=None)
    edges = np.percentile(columns.published, [50, 90, 99])
    blogs = np.unique(columns.live_blogs)
    largest = blogs[np.argsort([-np.count_nonzero(columns.live_blogs == blog) for blog in blogs[:200]])[:1]]
    scopes = {"all": standing} | {
        f"newest {share} %": standing & (columns.published >= edge)
        for share, edge in zip((50, 10, 1), edges, strict=True)
    }
    scopes["one live blog"] = standing & np.isin(columns.live_blogs, largest)
    return {name: _share_found(archive, vectors, mask) for name, mask in scopes.items()}


def _share_found(archive: Archive, vectors: Vectors, mask: Mask) -> float:
    """Return the mean share of the 10 nearest that are found; of passages that are equally near any will do.

    In a large archive many have the same text, and so the same vector: which of them is the tenth, nothing tells.
    """
    best = exact(archive, vectors, mask)
    shares = []
    for vector, wanted in zip(vectors, best, strict=True):
        least = (archive.follower.vectors(wanted) @ vector).min(initial=1.0)
        scores = archive.follower.nearest(vector, 60, mask)[1][: len(wanted)]
        shares.append(np.count_nonzero(scores >= least - _SAME) / max(len(wanted), 1))
    return float(np.mean(shares)) if shares else 0.0


def exact(archive: Archive, vectors: Vectors, mask: Mask) -> list[Ids]:
    """Return the ids of the 10 nearest to each vector, by looking at every one in a mask."""
    columns = archive.follower.columns
    ids = columns.ids[mask & columns.encoded]
    scores = np.full((len(vectors), 0), 0.0, np.float32)
    kept = np.empty((len(vectors), 0), np.int64)
    for block in _blocks(ids):
        scores = np.concatenate([scores, vectors @ archive.follower.vectors(block).T], axis=1)
        kept = np.concatenate([kept, np.broadcast_to(block, (len(vectors), len(block)))], axis=1)
        order = np.argsort(-scores, axis=1, kind="stable")[:, :_NEAREST]
        scores, kept = np.take_along_axis(scores, order, 1), np.take_along_axis(kept, order, 1)
    return list(kept)


def _blocks(ids: Ids) -> Iterator[Ids]:
    for start in range(0, len(ids), _BLOCK):
        yield ids[start : start + _BLOCK]


if __name__ == "__main__":
    asked = json.loads(Path(sys.argv[2]).read_text())
    print(json.dumps(measure(Path(sys.argv[1]), asked, runs=int(sys.argv[3]))))
