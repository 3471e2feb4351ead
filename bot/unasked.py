"""What is said unasked, in the order in which it is planned: corrections, alerts, digests. Holds no state."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeVar

from bot.backroom import Backroom
from bot.deliveries import Rendered
from bot.store import BotStore
from bot.types import Reply
from index import ArchiveError

logger = logging.getLogger(__name__)

T = TypeVar("T")
Render = Callable[[Reply], tuple[Rendered, ...]]


class Planner(Protocol):
    """Who knows what of one kind is due."""

    async def plan(self, now: datetime, render: Render) -> int:
        """Put what is due into the outbox, each message with its state change; returns how many. Twice is once."""


class Unasked:
    """Asks each planner in turn; what one cannot do keeps no other from its work."""

    def __init__(self, backroom: Backroom, planners: Sequence[Planner]) -> None:
        """Take who plans, the most urgent first."""
        self._backroom = backroom
        self._planners = planners

    async def plan(self, now: datetime, render: Render) -> int:
        """Put what is due into the outbox; returns how many messages."""
        planned = 0
        for planner in self._planners:
            try:
                planned += await planner.plan(now, render)
            except ArchiveError as error:
                logger.error("not planned planner=%s error=%r", type(planner).__name__, error)
        return planned

    async def rows(self, job: Callable[[BotStore], T]) -> T:
        """Run a job over bot.db where it may be touched."""
        return await self._backroom.store(job)
