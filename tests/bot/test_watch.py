import asyncio
import logging
import time

import pytest

from bot.watch import ENCODE_TOGETHER, Watcher, next_step, pause_s
from bot.workers import Worker
from index import FetchError, FormatError, Progress, SourceConfig, StoreError
from tests.bot.builders import NOW
from tests.bot.fakes import FakeArchive

SOURCE = SourceConfig(name="Harbour", url="https://news.example/live", interval_s=60.0)


def watched(archive: FakeArchive, *sources: SourceConfig, looks: int, encoded: bool = False) -> list[float]:
    """Follow the sources until so many pauses have been taken, and all is encoded if wished; return the pauses."""
    pauses: list[float] = []
    enough = asyncio.Event()

    async def sleep(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) >= looks:
            enough.set()
            await asyncio.Event().wait()
        await asyncio.sleep(0)

    async def run() -> None:
        async with Worker("archive", lambda: archive) as worker:
            watcher = Watcher(worker=worker, sources=sources, clock=lambda: NOW, sleep=sleep, chance=lambda: 1.0)
            task = asyncio.create_task(watcher.run())
            await asyncio.wait_for(enough.wait(), 10)
            async with asyncio.timeout(10):
                while encoded and archive.pending:
                    await asyncio.sleep(0.001)
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    asyncio.run(run())
    return pauses


def test_watch_when_looks_succeed_then_the_interval_is_kept_and_news_is_encoded_in_small_jobs(
    caplog: pytest.LogCaptureFixture,
) -> None:
    archive = FakeArchive()
    with caplog.at_level(logging.INFO):
        assert watched(archive, SOURCE, looks=3, encoded=True) == [60.0, 60.0, 60.0]
    assert archive.polls == ["Harbour"] * 3
    sizes = [size or 0 for size in archive.encodings]
    assert sizes[0] == ENCODE_TOGETHER
    assert max(sizes) > ENCODE_TOGETHER, "a fake encodes in no time"
    assert "source read source=Harbour new=2" in caplog.text
    assert "an entry without a time" in caplog.text


@pytest.mark.parametrize(
    "failure",
    [
        FetchError("https://news.example/live", "timed out"),
        FormatError("https://news.example/live", "not JSON"),
        StoreError("news.db: locked"),
        KeyError("a bug"),
    ],
)
def test_watch_when_a_look_fails_then_it_backs_off_and_comes_back(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    archive = FakeArchive()
    archive.poll_failures = [failure, failure]
    assert watched(archive, SOURCE, looks=3) == [120.0, 240.0, 60.0]
    assert "source=Harbour failures=2" in caplog.text


def test_watch_when_one_source_fails_then_the_others_do_not_wait() -> None:
    archive = FakeArchive()
    archive.poll_failures = [FetchError("x", "refused", retry_after_s=5_000)]
    other = SourceConfig(name="Hill", url="https://hill.example/live", interval_s=30.0)
    pauses = watched(archive, SOURCE, other, looks=4)
    assert pauses[0] == 5_000.0
    assert 30.0 in pauses


def test_watch_when_started_then_what_was_left_over_is_encoded() -> None:
    archive = FakeArchive()
    archive.pending = 70
    archive.poll_failures = [FetchError("x", "refused")]  # so that nothing but the start can have it encoded
    watched(archive, SOURCE, looks=1, encoded=True)
    assert archive.pending == 0


class Backlogged(FakeArchive):
    """An archive that has more to encode than it will ever be through with."""

    def encode_pending(self, *, progress: Progress | None = None, limit: int | None = None) -> int:
        self.pending = 1_000_000
        return super().encode_pending(progress=progress, limit=limit)


def test_watch_when_a_backlog_is_encoded_then_no_look_waits_for_its_end() -> None:
    archive = Backlogged()
    assert watched(archive, SOURCE, looks=3) == [60.0, 60.0, 60.0]
    assert archive.polls == ["Harbour"] * 3


class Breaking(FakeArchive):
    """An archive that cannot encode at first."""

    def encode_pending(self, *, progress: Progress | None = None, limit: int | None = None) -> int:
        if not self.encodings:
            self.encodings.append(limit)
            raise self.encoding_failure
        return super().encode_pending(progress=progress, limit=limit)

    encoding_failure: Exception = StoreError("the disk is full")


@pytest.mark.parametrize("failure", [StoreError("the disk is full"), KeyError("a bug")])
def test_watch_when_encoding_fails_then_it_is_tried_again_with_the_next_news(
    failure: Exception, caplog: pytest.LogCaptureFixture
) -> None:
    archive = Breaking()
    archive.encoding_failure = failure
    assert watched(archive, SOURCE, looks=5) == [60.0] * 5
    assert "encoding " in caplog.text
    assert len(archive.encodings) > 1


def test_watch_when_all_is_encoded_then_it_is_saved_and_nothing_waits_for_that() -> None:
    archive = FakeArchive()
    polls_while_writing: list[int] = []

    def slow() -> None:
        before = len(archive.polls)
        deadline = time.monotonic() + 20
        while len(archive.polls) < before + 3 and time.monotonic() < deadline:
            time.sleep(0.001)
        polls_while_writing.append(len(archive.polls) - before)

    archive.saving = slow
    watched(archive, SOURCE, looks=500, encoded=True)
    assert polls_while_writing[0] >= 3
    assert archive.saved == [None]
    assert archive.pending == 0


def test_watch_when_saving_breaks_then_the_loop_goes_on(caplog: pytest.LogCaptureFixture) -> None:
    def broken() -> None:
        raise StoreError("the disk is gone")

    archive = FakeArchive()
    archive.saving = broken
    assert watched(archive, SOURCE, looks=5, encoded=True) == [60.0] * 5
    assert "saving failed error=the disk is gone" in caplog.text
    assert archive.saved == []


@pytest.mark.parametrize(
    ("failures", "retry_after_s", "chance", "expected"),
    [
        (0, None, 0.0, 60.0),
        (1, None, 0.0, 60.0),
        (1, None, 1.0, 120.0),
        (3, None, 0.5, 360.0),
        (9, None, 1.0, 600.0),
        (9_999, None, 0.0, 300.0),
        (1, 90.0, 0.0, 90.0),
        (9, 7_200.0, 1.0, 7_200.0),
        (1, -3.0, 0.0, 60.0),
    ],
)
def test_pause_when_looks_fail_then_it_grows_within_bounds(
    failures: int, retry_after_s: float | None, chance: float, expected: float
) -> None:
    pause = pause_s(60.0, failures=failures, retry_after_s=retry_after_s, longest_s=600.0, chance=chance)
    assert pause == pytest.approx(expected)


def test_pause_when_the_interval_is_longer_than_the_longest_then_never_shorter_than_it() -> None:
    assert pause_s(900.0, failures=5, retry_after_s=None, longest_s=600.0, chance=0.0) == 900.0


def test_next_step_when_a_job_took_long_then_fewer_and_never_many_more_at_once() -> None:
    assert next_step(32, 0.5) < next_step(32, 0.07) < 32 < next_step(32, 0.04) <= 64
    assert next_step(8, 0.0) == 16
    assert next_step(4, 60.0) >= 1
    assert next_step(10_000, 0.0) == next_step(20_000, 0.0)
