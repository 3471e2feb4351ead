"""Sends what the outbox holds, many chats at once, as fast as is allowed; answers are let through first.

The loop of the outbox: claim, send, write down. Holds no state but what is under way: the rest stands in bot.db.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime
from typing import Protocol, TypeVar

from bot.deliveries import (
    Closed,
    Delivery,
    Later,
    Outcome,
    Perhaps,
    Settlement,
    State,
    TopicClosed,
    Unsent,
)
from bot.outbox import pause_s, settled
from bot.pacing import Lane, Pacer
from bot.records import PauseReason
from bot.store import BotStore
from index import StoreError

logger = logging.getLogger(__name__)

T = TypeVar("T")
Clock = Callable[[], datetime]

_IDLE_S = 1.0
_FINISH_WITHIN_S = 30.0
_TROUBLE_S = 5.0
# A second's worth may be under way, and never fewer: when the platform stops answering, these become uncertain.
_AT_ONCE = 32
# After so many in a row that got no answer the platform itself is in trouble, and is tried with one at a time.
_TROUBLES = 3
_LONGEST_REST_S = 60.0


class Post(Protocol):
    """What a chat platform does for the outbox; `bot.tg.posting` in the product."""

    async def send(self, delivery: Delivery) -> Outcome:
        """Make one attempt, without waiting for a better moment; what came of it is returned, never raised."""


class Rows(Protocol):
    """Runs a job over bot.db where it may be touched: `Backroom.store` in the product."""

    async def __call__(self, job: Callable[[BotStore], T]) -> T:
        """Return what the job returned; raises what it raised."""


class Aftermath(Protocol):
    """Who is told what sending has shown of a chat; what bot.db holds of it is changed by then."""

    async def moved(self, old_chat_id: int, new_chat_id: int) -> None:
        """Learn a chat's new id."""

    async def unreachable(self, chat_id: int, reason: PauseReason) -> None:
        """Learn that nothing can be sent to a chat."""

    async def topic_closed(self, chat_id: int, thread_id: int | None) -> None:
        """Learn that a topic takes no more messages: an admin of the chat is to be told."""


class Turns:
    """Who may send now: one door for all that leaves, answers before deliveries. Of one event loop."""

    def __init__(self, per_second: int) -> None:
        """Take how many messages a second may leave."""
        self._pacer = Pacer(per_second)
        self._at_once = max(_AT_ONCE, per_second)
        self._answers = 0
        self._troubles = 0
        self._resting_until_s = float("-inf")

    async def answer(self, lane: Lane) -> None:
        """Wait for the turn of a message that somebody waits for."""
        self._answers += 1
        try:
            while (wait_s := self._pacer.wait_s(_now_s())) > 0:
                await asyncio.sleep(wait_s)
            self._pacer.take(lane, _now_s())
        finally:
            self._answers -= 1

    @property
    def at_once(self) -> int:
        """How many deliveries may be under way."""
        return 1 if self._troubles >= _TROUBLES else self._at_once

    def room(self) -> int:
        """Tell how many deliveries may leave now; none while an answer waits."""
        if self._answers or _now_s() < self._resting_until_s:
            return 0
        return self._pacer.room(_now_s())

    def wait_s(self) -> float:
        """Tell how long to wait before asking for room again, a second at most: an answer may change it."""
        return min(max(self._pacer.wait_s(_now_s()), self._resting_until_s - _now_s(), 1e-3), _IDLE_S)

    def busy(self) -> frozenset[Lane]:
        """Name the chats that get nothing now."""
        return self._pacer.busy(_now_s())

    def take(self, lane: Lane) -> None:
        """Count a delivery that leaves now."""
        self._pacer.take(lane, _now_s())

    def told(self, lane: Lane, outcome: Outcome) -> None:
        """Learn what the platform said, for whoever sends next."""
        match outcome:
            case Later(retry_after_s=wait_s):
                self._pacer.close(lane, _now_s() + wait_s)
            case Perhaps() | Unsent():
                self._troubles += 1
                if self._troubles >= _TROUBLES:
                    rest_s = min(pause_s(self._troubles - _TROUBLES + 1), _LONGEST_REST_S)
                    self._resting_until_s = _now_s() + rest_s
            case _:
                self._pacer.arrived()
                self._troubles = 0


class Drain:
    """The loop."""

    def __init__(self, rows: Rows, post: Post, turns: Turns, *, clock: Clock, aftermath: Aftermath) -> None:
        """Take what to send through, and the wall clock that rows are due by."""
        self._rows = rows
        self._post = post
        self._turns = turns
        self._clock = clock
        self._aftermath = aftermath
        self._under_way: dict[Lane, asyncio.Task[None]] = {}
        self._news = asyncio.Event()

    def wake(self) -> None:
        """Say that something was planned, so that it does not wait for the next look."""
        self._news.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until `stop` is set; what is being sent by then is seen through, the rest stays for the next start."""
        uncertain = await self._rows(lambda store: store.recover())
        if uncertain:
            logger.warning("outbox recovered uncertain=%d", uncertain)
        stopping = asyncio.create_task(stop.wait())
        try:
            while not stop.is_set():
                await self._rest(await self._round(), stopping)
        finally:
            stopping.cancel()
            await self._finish()

    async def _round(self) -> float:
        """Start what may leave now. Returns: how long to rest, in seconds."""
        room = min(self._turns.room(), self._turns.at_once - len(self._under_way))
        if room < 1:
            return max(self._turns.wait_s(), 0.01)
        busy = self._turns.busy() | self._under_way.keys()
        now = self._clock()
        self._news.clear()
        try:
            claimed = await self._rows(lambda store: store.claim(now=now, limit=room, busy=busy))
        except StoreError as error:
            logger.error("outbox not read error=%s", error)
            return _TROUBLE_S
        for delivery in claimed:
            self._turns.take(delivery.lane)
            self._under_way[delivery.lane] = asyncio.create_task(self._see_through(delivery))
        if claimed:
            return self._turns.wait_s()
        # Nothing, or only for chats whose turn comes within a second or so.
        return _IDLE_S if not busy else _IDLE_S / 4

    async def _rest(self, seconds: float, stopping: asyncio.Task[bool]) -> None:
        if seconds < _IDLE_S / 4:
            await asyncio.sleep(seconds)
            return
        news = asyncio.create_task(self._news.wait())
        await asyncio.wait({news, stopping}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        news.cancel()

    async def _see_through(self, delivery: Delivery) -> None:
        """Send one delivery and write down what became of it."""
        try:
            outcome = await self._post.send(delivery)
            self._turns.told(delivery.lane, outcome)
            settlement = settled(delivery, outcome, self._clock())
            await self._rows(lambda store: store.settle(settlement))
            _log(settlement, outcome)
            await self._tell(settlement, outcome)
        except StoreError as error:
            # It stays in sending, and so is uncertain at the next start.
            logger.error("delivery not settled id=%d error=%s", delivery.id, error)
        finally:
            del self._under_way[delivery.lane]

    async def _tell(self, settlement: Settlement, outcome: Outcome) -> None:
        chat_id = settlement.delivery.chat_id
        if chat_id is None:
            return
        if settlement.moved_to is not None:
            await self._aftermath.moved(chat_id, settlement.moved_to)
        if settlement.pause is not None:
            await self._aftermath.unreachable(chat_id, settlement.pause)
        if isinstance(outcome, TopicClosed):
            await self._aftermath.topic_closed(chat_id, settlement.delivery.thread_id)

    async def _finish(self) -> None:
        """Let what is being sent arrive; what does not in time stays in sending."""
        if self._under_way:
            _, late = await asyncio.wait(self._under_way.values(), timeout=_FINISH_WITHIN_S)
            for task in late:
                task.cancel()


def _now_s() -> float:
    """Return the loop's own seconds, which never go back."""
    return asyncio.get_running_loop().time()


def _log(settlement: Settlement, outcome: Outcome) -> None:
    one = settlement.delivery
    if settlement.state is State.SENT:
        logger.debug("delivery sent id=%d urgency=%s", one.id, one.urgency.name)
    elif isinstance(outcome, Perhaps | Closed) or settlement.state is State.DEAD:
        logger.warning("delivery %s id=%d urgency=%s reason=%s", settlement.state, one.id, one.urgency.name,
                       settlement.reason)  # fmt: skip
    else:
        logger.info("delivery %s id=%d tries=%d reason=%s", settlement.state, one.id, one.tries, settlement.reason)
