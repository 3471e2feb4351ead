"""Takes every update the bot is sent and sees that it is answered once, late, or not at all.

The path of a message: incoming.read -> dialogue.decide -> Conversation.handle -> Replier.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

from telegram import Bot, ChatMemberUpdated, Message, Update
from telegram.constants import ChatType
from telegram.ext import Application, ContextTypes

from bot import dialogue
from bot.actions import Action, Ask, Latest, More, Say, Since, TakenBack, Verify
from bot.ports import Conversation
from bot.tg.albums import Albums
from bot.tg.bursts import Bursts
from bot.tg.errors import PlatformError, SendError
from bot.tg.events import membership_of, migration_of, posted_of
from bot.tg.failures import translated
from bot.tg.incoming import read
from bot.tg.presses import Presses
from bot.tg.queries import Queries
from bot.tg.replying import Clock, Replier
from bot.tg.sending import Pause, Sender, target_of
from bot.types import Incoming, Place, Reply

logger = logging.getLogger(__name__)

LATE_AFTER = timedelta(minutes=5)
# In a group the policy may be silence: typing shows there only where an answer takes its time.
TYPING_AFTER_S = 0.5

_TAKES_TIME = (Ask, More, Latest, Since, Verify, TakenBack)


class Receiver:
    """Routes each kind of update to the conversation."""

    def __init__(self, bot: Bot, conversation: Conversation, sender: Sender, *, clock: Clock, rest: Pause) -> None:
        self._bot = bot
        self._conversation = conversation
        self._sender = sender
        self._clock = clock
        self._replier = Replier(sender, conversation, clock=clock)
        self._presses = Presses(bot, conversation, self._replier, clock=clock)
        self._queries = Queries(bot, conversation, Bursts(), clock=clock)
        self._albums = Albums(pause=rest)
        self._told_late: set[int] = set()
        self._routes: tuple[tuple[str, Callable[[Any], Awaitable[None]]], ...] = (
            ("callback_query", self._presses.take),
            ("inline_query", self._queries.inline),
            ("chosen_inline_result", self._queries.chosen),
            ("my_chat_member", self._on_membership),
            ("channel_post", lambda post: self._on_post(post, edited=False)),
            ("edited_channel_post", lambda post: self._on_post(post, edited=True)),
        )

    async def on_update(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Take one update.

        Raises: SendError where the reply could not be sent.
        """
        for kind, take in self._routes:
            payload = getattr(update, kind)
            if payload is not None:
                await take(payload)
                return
        message = update.message or update.guest_message
        if message is not None:
            await self._on_message(update, message, context.application)

    async def on_error(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Log what went wrong; where it was our fault and not Telegram's, tell the asker."""
        if isinstance(context.error, PlatformError):
            logger.warning("reply not sent error=%s reason=%s", type(context.error).__name__, context.error)
            return
        logger.error("update failed error=%s", type(context.error).__name__, exc_info=context.error)
        incoming = self._read(update) if isinstance(update, Update) else None
        # Whoever did not speak to us is told nothing, least of all that we failed.
        if incoming is None or incoming.edited or incoming.place is Place.GUEST or self._decide(incoming) is None:
            return
        try:
            await self._answer(Say(line="failed"), incoming)
        except SendError as failure:
            logger.warning("apology not sent error=%s", type(failure).__name__)

    async def _on_message(
        self, update: Update, message: Message, app: "Application[Any, Any, Any, Any, Any, Any]"
    ) -> None:
        moved = migration_of(message)
        if moved is not None:
            await self._replier.post(await self._conversation.migrated(moved))
            return
        incoming = self._read(update)
        if incoming is None:
            return
        if message.media_group_id is None:
            await self._on_incoming(incoming)
            return
        album = self._albums.add(message.media_group_id, incoming, self._on_incoming)
        if album is not None:
            # Not here: its other messages wait behind this one.
            app.create_task(_completed(album), update=update)

    async def _on_incoming(self, incoming: Incoming) -> None:
        now = self._clock()
        is_late = now - incoming.sent_at > LATE_AFTER
        if incoming.place is Place.GUEST:
            if not is_late:
                await self._queries.guest(incoming)
            return
        action = self._decide(incoming)
        if action is None:
            return
        if not is_late:
            self._told_late.discard(incoming.chat_id)
            await self._answer(action, incoming)
        elif incoming.chat_id not in self._told_late:
            self._told_late.add(incoming.chat_id)
            await self._answer(Say(line="late"), incoming)

    async def _answer(self, action: Action, incoming: Incoming) -> None:
        work = asyncio.ensure_future(self._conversation.handle(action, incoming, self._clock()))
        if isinstance(action, _TAKES_TIME):
            await self._type_meanwhile(work, incoming)
        reply: Reply | None = await work
        if reply is not None:
            await self._replier.reply(reply, incoming)

    async def _type_meanwhile(self, work: "asyncio.Future[Reply | None]", incoming: Incoming) -> None:
        # Even in private one turn of the loop, in which a flood is met with silence.
        await asyncio.wait({work}, timeout=0 if incoming.place is Place.PRIVATE else TYPING_AFTER_S)
        if not work.done():
            await self._sender.typing(target_of(incoming))

    async def _on_membership(self, change: ChatMemberUpdated) -> None:
        linked = await self._linked(change) if change.chat.type == ChatType.CHANNEL else None
        reads_all = bool(self._bot.can_read_all_group_messages)
        membership = membership_of(change, reads_all=reads_all, linked_chat_id=linked)
        await self._replier.post(await self._conversation.membership(membership, self._clock()))

    async def _linked(self, change: ChatMemberUpdated) -> int | None:
        """Ask for a channel's discussion group; None where there is none, or we are out again."""
        try:
            with translated():
                return (await self._bot.get_chat(change.chat.id)).linked_chat_id
        except SendError:
            return None

    async def _on_post(self, post: Message, *, edited: bool) -> None:
        await self._conversation.posted(posted_of(post, edited=edited), self._clock())

    def _read(self, update: Update) -> Incoming | None:
        return read(update, our_id=self._bot.id, our_name=self._bot.username)

    def _decide(self, incoming: Incoming) -> Action | None:
        return dialogue.decide(incoming, our_name=self._bot.username)


async def _completed(album: Awaitable[None]) -> None:
    await album
