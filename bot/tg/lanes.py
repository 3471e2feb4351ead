"""Runs updates side by side across chats and one after the other within a chat.

So a chat that waits, for a flood limit or a long answer, delays nobody else and is answered in order.
"""

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, field
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

_AT_ONCE = 1024


@dataclass(slots=True, kw_only=True)
class _Lane:
    """The updates of one chat that are not done yet; the lock admits them in the order of their arrival."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Lanes(BaseUpdateProcessor):
    """The Application's processor."""

    def __init__(self) -> None:
        super().__init__(_AT_ONCE)
        self._lanes: dict[int | None, _Lane] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Process one update when its chat's earlier ones are done."""
        chat = update.effective_chat if isinstance(update, Update) else None
        key = chat.id if chat else None
        lane = self._lanes.setdefault(key, _Lane())
        lane.waiting += 1
        try:
            async with lane.turn:
                await coroutine
        finally:
            lane.waiting -= 1
            if not lane.waiting:
                del self._lanes[key]

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release: the Application has awaited every update by now."""
