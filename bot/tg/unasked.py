"""Says what nobody waits for: looks each tick what has become due, and sends what the outbox holds, beside receiving.

Neither holds state: what is due and what was sent stands in bot.db, so that a restart repeats and loses nothing.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from typing import Protocol, TypeVar

from bot.deliveries import Rendered
from bot.drain import Drain, Turns
from bot.ports import Conversation
from bot.records import ChatKind, PauseReason
from bot.store import BotStore
from bot.tg.polling import PollingBot
from bot.tg.posting import Posting, rendered
from bot.tg.replying import Replier
from bot.types import ChatSeen, Migrated, Reply
from index import ArchiveError

logger = logging.getLogger(__name__)

T = TypeVar("T")
Clock = Callable[[], datetime]

TICK_S = 5.0


class Planner(Protocol):
    """Who knows what is due, and where the outbox is; `bot.unasked.Unasked` in the product."""

    async def plan(self, now: datetime, render: Callable[[Reply], tuple[Rendered, ...]]) -> int:
        """Put what is due into the outbox; returns how many."""

    async def rows(self, job: Callable[[BotStore], T]) -> T:
        """Run a job over bot.db where it may be touched."""


class Told:
    """Tells the conversation what sending has shown of a chat; a `drain.Aftermath`."""

    def __init__(self, conversation: Conversation, replier: Replier, planner: Planner, *, clock: Clock) -> None:
        """Take whom to tell, and by whom notices are said."""
        self._conversation = conversation
        self._replier = replier
        self._planner = planner
        self._clock = clock

    async def moved(self, old_chat_id: int, new_chat_id: int) -> None:
        """Learn a chat's new id."""
        moved = Migrated(old_chat_id=old_chat_id, new_chat_id=new_chat_id)
        await self._replier.post(await self._conversation.migrated(moved))

    async def unreachable(self, chat_id: int, reason: PauseReason) -> None:
        """Learn that nothing can be sent to a chat."""
        await self._conversation.unreachable(chat_id, reason, self._clock())

    async def topic_closed(self, chat_id: int, thread_id: int | None) -> None:
        """Learn that a topic takes no more messages."""
        known = await self._planner.rows(lambda store: store.chat(chat_id))
        kind, title = (known.kind, known.title) if known else (ChatKind.SUPERGROUP, "")
        seen = ChatSeen(chat_id=chat_id, kind=kind, title=title, forum=True)
        await self._replier.post(await self._conversation.topic_closed(seen, thread_id or 0, self._clock()))


@asynccontextmanager
async def speaking(
    bot: PollingBot,
    planner: Planner | None,
    aftermath: Callable[[Planner], Told],
    turns: Turns,
    *,
    clock: Clock,
    tick_s: float = TICK_S,
) -> AsyncIterator[None]:
    """Plan and send until the end, then see through what is being sent; without a planner, nothing."""
    if planner is None:
        yield
        return
    stop = asyncio.Event()
    drain = Drain(planner.rows, Posting(bot), turns, clock=clock, aftermath=aftermath(planner))
    loops = (
        asyncio.create_task(_sending(drain, stop, tick_s)),
        asyncio.create_task(_planning(planner, bot, drain, stop, clock, tick_s)),
    )
    try:
        yield
    finally:
        stop.set()
        await asyncio.gather(*loops)


async def _planning(
    planner: Planner, bot: PollingBot, drain: Drain, stop: asyncio.Event, clock: Clock, tick_s: float
) -> None:
    while not stop.is_set():
        try:
            now = clock()
            await planner.rows(lambda store: store.realign_subscriptions(now=clock()))
            if await planner.plan(now, lambda reply: rendered(reply, our_name=bot.username)):
                drain.wake()
        except ArchiveError as error:
            logger.error("nothing planned error=%r", error)
        await _rest(stop, tick_s)


async def _sending(drain: Drain, stop: asyncio.Event, tick_s: float) -> None:
    while not stop.is_set():
        try:
            await drain.run(stop)
        except ArchiveError as error:
            logger.error("outbox not opened error=%r", error)
            await _rest(stop, tick_s)


async def _rest(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)
