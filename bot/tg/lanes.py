"""Runs updates side by side across chats and one after the other within a chat.

So a chat that waits, for a flood limit or a long answer, delays nobody else and is answered in order. Presses
do not wait behind questions, and what is typed inline waits for nothing.
"""

import asyncio
import logging
from collections.abc import Awaitable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from telegram import Update
from telegram.ext import BaseUpdateProcessor

logger = logging.getLogger(__name__)

_AT_ONCE = 4096
# So many messages of one chat may wait; more of them are dropped, so that nobody can fill all places.
LONGEST = 256


@dataclass(slots=True, kw_only=True)
class _Lane:
    """The updates of one chat that are not done yet; the lock admits them in the order of their arrival."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    waiting: int = 0


class Lanes(BaseUpdateProcessor):
    """The Application's processor."""

    def __init__(self) -> None:
        super().__init__(_AT_ONCE)
        self._lanes: dict[object, _Lane] = {}

    async def do_process_update(self, update: object, coroutine: Awaitable[Any]) -> None:
        """Process one update when its chat's earlier ones are done."""
        key = lane_of(update)
        lane = self._lanes.setdefault(key, _Lane())
        if lane.waiting >= LONGEST and _may_be_dropped(update):
            _drop(coroutine)
            return
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


def lane_of(update: object) -> object:
    """Name what an update must wait behind: its chat, for a press the same message; for anything else nothing."""
    if not isinstance(update, Update):
        return object()
    query = update.callback_query
    if query is not None:
        pressed = query.message
        return ("press", (pressed.chat.id, pressed.message_id) if pressed else query.inline_message_id)
    chat = update.effective_chat
    return chat.id if chat else ("alone", update.update_id)


def _may_be_dropped(update: object) -> bool:
    """Tell whether it is just a message: what says who and where we are is never dropped, nor what is a source's."""
    message = update.message if isinstance(update, Update) else None
    return message is not None and message.migrate_to_chat_id is None and message.migrate_from_chat_id is None


def _drop(coroutine: Awaitable[Any]) -> None:
    if isinstance(coroutine, Coroutine):
        coroutine.close()
    logger.warning("update dropped reason=lane full longest=%d", LONGEST)
