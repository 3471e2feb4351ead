"""The drain over a real bot.db and a clock that passes by itself."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

import pytest

from bot.deliveries import Arrived, Closed, Later, Outcome, Perhaps, Planned, TopicClosed, Unsent, Urgency
from bot.drain import Drain, Turns
from bot.records import ChatKind, PauseReason
from bot.store import BotStore
from index import StoreError
from tests.bot import store_builders
from tests.bot.post import FakeAftermath, FakePost, InlineRows
from tests.bot.store_builders import make_planned
from tests.virtual import BEGAN, VirtualLoop, play

T = TypeVar("T")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[BotStore]:
    with closing(BotStore(tmp_path / "bot.db")) as opened:
        yield opened


def put(store: BotStore, *messages: Planned) -> None:
    store_builders.put(store, *messages, now=BEGAN)


def run_for(
    store: BotStore, post: FakePost, seconds: float, *, per_second: int = 29, aftermath: FakeAftermath | None = None
) -> list[float]:
    """Let the drain run so long; five answers a second come meanwhile. Returns: how long each answer waited."""
    loop, waits = VirtualLoop(), list[float]()
    turns = Turns(per_second)

    async def ask(n: int) -> None:
        begun = loop.time()
        await turns.answer(1_000_000 + n)
        waits.append(loop.time() - begun)

    async def asks() -> None:
        async with asyncio.TaskGroup() as group:
            for n in range(int(seconds) * 5):
                await asyncio.sleep(0.2)
                group.create_task(ask(n))

    async def scene() -> None:
        stop = asyncio.Event()
        drain = Drain(InlineRows(store), post, turns, clock=loop.now, aftermath=aftermath or FakeAftermath())
        running, asking = asyncio.create_task(drain.run(stop)), asyncio.create_task(asks())
        await asyncio.sleep(seconds)
        stop.set()
        asking.cancel()
        await running

    play(loop, scene())
    return waits


def test_drain_when_thousands_wait_then_all_that_is_allowed_is_used_and_answers_hardly_wait(store: BotStore) -> None:
    put(store, *(make_planned(chat, f"d{chat}") for chat in range(1, 2001)))
    post = FakePost(takes_s=0.12)
    waits = run_for(store, post, 40)
    left = [begun for begun, _, _ in post.sent]
    assert len(left) + len(waits) >= 40 * 29 * 0.95
    assert len(waits) >= 198
    assert max(waits) < 0.3
    assert max(sum(begin <= time < begin + 1 for time in left) for begin in left) <= 29
    assert store.status().outbox == {"pending": 2000 - len(left), "sent": len(left)}
    assert len(set(post.texts())) == len(post.texts()), "nobody twice"


def test_drain_when_paid_then_hundreds_a_second(store: BotStore) -> None:
    put(store, *(make_planned(chat, f"d{chat}") for chat in range(1, 2001)))
    post = FakePost(takes_s=0.2)
    run_for(store, post, 5, per_second=300)
    assert len(post.sent) >= 5 * (300 - 5) * 0.95


def test_drain_when_there_is_some_of_each_then_corrections_alerts_digests(store: BotStore) -> None:
    put(
        store,
        *(make_planned(n, f"{urgency.name} {n}", urgency=urgency)
          for n, urgency in enumerate([Urgency.DIGEST, Urgency.ALERT, Urgency.CORRECTION] * 3, start=1)),
    )  # fmt: skip
    post = FakePost()
    run_for(store, post, 5)
    assert [text.split()[0] for text in post.texts()] == ["CORRECTION"] * 3 + ["ALERT"] * 3 + ["DIGEST"] * 3


def test_drain_when_one_chat_must_wait_for_hours_then_nobody_else_does(store: BotStore) -> None:
    put(store, *(make_planned(chat, f"{chat} {n}") for n in range(2) for chat in (1, 2, 3)))
    post = FakePost(script={2: [Later(retry_after_s=3 * 3600)]})
    run_for(store, post, 30)
    assert post.texts(1) + post.texts(3) == ["1 0", "1 1", "3 0", "3 1"]
    run_for(store, post, 2)
    assert post.texts(2) == [], "a restart does not forget it"
    put_off = store.claim(now=BEGAN + timedelta(hours=3, seconds=40), limit=9)
    assert [one.body.plain for one in put_off] == ["2 0"]


def test_drain_when_it_fails_in_every_way_then_each_is_seen_through_and_told(store: BotStore) -> None:
    store.note_chat(3, kind=ChatKind.PRIVATE, at=BEGAN)
    put(store, *(make_planned(chat, f"c{chat}", thread_id=4 if chat == -6 else None) for chat in (1, 2, 3, -5, -6)))
    script: dict[int | None, list[Outcome]] = {
        1: [Unsent(reason="not connected")],
        2: [Perhaps(reason="timed out")],
        3: [Closed(pause=PauseReason.BLOCKED, reason="blocked")],
        -5: [Arrived(chat_id=-100, message_id=5)],
        -6: [TopicClosed(reason="closed")],
    }
    post, aftermath = FakePost(script=script), FakeAftermath()
    run_for(store, post, 30, aftermath=aftermath)
    assert sorted(post.texts()) == ["c-5", "c1"]
    assert store.status().outbox == {"dead": 1, "held": 1, "sent": 2, "uncertain": 1}
    assert set(aftermath.told) == {
        ("moved", -5, -100), ("unreachable", 3, PauseReason.BLOCKED), ("topic closed", -6, 4)
    }  # fmt: skip


def test_drain_when_the_platform_stops_answering_then_few_become_uncertain(store: BotStore) -> None:
    put(store, *(make_planned(chat, f"c{chat}") for chat in range(1, 500)))
    post = FakePost(script={chat: [Perhaps(reason="timed out")] * 9 for chat in range(1, 500)}, takes_s=20)
    run_for(store, post, 200)
    assert store.status().outbox["uncertain"] < 45


def test_drain_when_stopped_then_what_is_under_way_arrives_and_the_rest_stays(store: BotStore) -> None:
    put(store, *(make_planned(chat, f"c{chat}") for chat in range(1, 100)))
    post = FakePost(takes_s=2.5)
    run_for(store, post, 1)
    assert store.status().outbox == {"pending": 99 - len(post.sent), "sent": len(post.sent)}
    assert len(post.sent) > 15


def test_drain_when_woken_then_what_was_just_planned_leaves_at_once(store: BotStore) -> None:
    loop, post = VirtualLoop(), FakePost(takes_s=0.0)

    async def scene() -> None:
        stop = asyncio.Event()
        drain = Drain(InlineRows(store), post, Turns(29), clock=loop.now, aftermath=FakeAftermath())
        running = asyncio.create_task(drain.run(stop))
        await asyncio.sleep(10.5)
        put(store, make_planned(1, "now"))
        drain.wake()
        await asyncio.sleep(0.01)
        assert post.texts() == ["now"]
        stop.set()
        await running

    play(loop, scene())


class FailingRows(InlineRows):
    """A disk that is full for a while: every third job fails."""

    jobs = 0

    async def __call__(self, job: Callable[[BotStore], T]) -> T:
        self.jobs += 1
        if self.jobs % 3 == 0:
            raise StoreError("bot.db: disk full")
        return job(self.store)


def test_drain_when_the_disk_is_full_for_a_while_then_it_goes_on_and_nothing_is_sent_twice(store: BotStore) -> None:
    put(store, *(make_planned(chat, f"c{chat}") for chat in range(1, 20)))
    loop, post = VirtualLoop(), FakePost()

    async def scene() -> None:
        stop = asyncio.Event()
        drain = Drain(FailingRows(store), post, Turns(29), clock=loop.now, aftermath=FakeAftermath())
        running = asyncio.create_task(drain.run(stop))
        await asyncio.sleep(300)
        stop.set()
        await running

    play(loop, scene())
    assert sorted(post.texts()) == sorted(f"c{chat}" for chat in range(1, 20))
    states = store.status().outbox
    assert states["sending"] + states["sent"] == 19
    assert store.recover() == states["sending"]
