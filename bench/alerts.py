"""`python -m bench alerts`: a great many watches held against one new update, beside as many searches.

By the code that the planner of alerts runs: one product finds whom to ask, each of those is one search. Watches are the
questions of the set, each as often as it takes; those of the same words are asked once in the bot, here they are not.
"""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar

from bench.data import BenchSet, archive_of, judgements
from bot.store import BotStore
from index.archive import Archive
from index.encode import Encoder
from index.watches import Watch

T = TypeVar("T")
Result = Mapping[str, float | int]

_ASKED = 40


def measure(
    bench_set: BenchSet,
    *,
    watches: int,
    updates: int,
    folder: Path | None = None,
    encoder: Encoder | None = None,
) -> Result:
    """Measure the product and the searches after it, update by update, of the newest ones of a set."""
    archive = archive_of(bench_set, folder=folder, encoder=encoder)
    try:
        return _measured(archive, bench_set, watches, updates)
    finally:
        archive.close()


def _measured(archive: Archive, bench_set: BenchSet, count: int, updates: int) -> Result:
    now = datetime.now(UTC)
    texts = [one.question.text for one in judgements(bench_set, {}, scoped_to_stream=False)][:count]
    vectors = archive.watch_vectors(texts, now=now)
    watches = [
        Watch(key=f"w{n}", text=text, vector=vector)
        for n, (text, vector) in enumerate(islice(cycle(zip(texts, vectors, strict=True)), count))
    ]
    newest = archive.affected(0, now=now).updates[-updates:]
    with TemporaryDirectory() as place, closing(BotStore(Path(place) / "bot.db")) as store:
        keys = _kept(store, archive.encoder_id, watches, now)
        read_s, rows = _timed(partial(store.watch_vectors, archive.encoder_id))
        archive.near(rows, newest[:1], now=now)
        near = [_timed(partial(archive.near, rows, [number], now=now)) for number in newest]
        noted = [(one.key, one.updates) for one in near[0][1]]
        noted_s, _ = _timed(partial(store.note_near, noted, follower="alerts", was=None, seq=1, now=now))
    every = max(len(watches) // _ASKED, 1)
    searches = [_timed(partial(archive.matches, [one], newest, now=now))[0] for one in watches[::every][:_ASKED]]
    product_s, search_s = statistics.median(seconds for seconds, _ in near), statistics.median(searches)
    share = statistics.mean(len(found) / count for _, found in near)
    return {
        "watches": len(keys),
        "of different words": len(texts),
        "updates": len(newest),
        "rows read ms": 1000 * read_s,
        "one product ms": 1000 * product_s,
        "slowest product ms": 1000 * max(seconds for seconds, _ in near),
        "rows noted ms": 1000 * noted_s,
        "one search ms": 1000 * search_s,
        "a search for each, s": count * search_s,
        "searches ÷ product": count * search_s / product_s,
        "share of watches near": share,
        "all that are near asked, s": share * count * search_s,
    }


def _kept(store: BotStore, encoder: str, watches: Sequence[Watch], now: datetime) -> tuple[str, ...]:
    """Keep watches as chats would have; returns their ids."""
    ids = []
    for chat_id, watch in enumerate(watches, start=1):
        kept = store.add_watch(chat_id, watch.text, now=now)
        store.put_watch_vector(kept.id, encoder=encoder, vector=watch.vector)
        ids.append(kept.id)
    return tuple(ids)


def _timed(job: Callable[[], T]) -> tuple[float, T]:
    began = time.perf_counter()
    result = job()
    return time.perf_counter() - began, result
