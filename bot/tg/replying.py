"""Sees a reply through: renders it, sends it, and tells the conversation what became of it."""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime

from bot.ports import Conversation
from bot.tg.errors import ChatClosedError, MessageGoneError, SendError, TopicClosedError, UncertainError
from bot.tg.keyboards import keyboard_of
from bot.tg.render import parts
from bot.tg.sending import Sender, Sent, Target, spot_of, target_of
from bot.types import Buttons, ChatSeen, Incoming, Migrated, Outgoing, Press, Reply

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]


class Replier:
    """Sends what the conversation says."""

    def __init__(self, sender: Sender, conversation: Conversation, *, clock: Clock) -> None:
        self._sender = sender
        self._conversation = conversation
        self._clock = clock

    async def reply(self, reply: Reply, to: Incoming | Press) -> None:
        """Answer a message, or what was pressed under one of ours. Raises: SendError."""
        await self._send(reply, target_of(to), to.chat, to if isinstance(to, Incoming) else None)

    async def edit(self, reply: Reply, press: Press) -> None:
        """Let the message with the button say something else; what is too long for it follows.

        Where it cannot be edited any more the reply is sent anew. Raises: SendError.
        """
        rendered = parts(reply, our_name=self._sender.our_name)
        if not rendered:
            return
        keyboard = keyboard_of(reply.buttons, our_name=self._sender.our_name)
        # What was sent by way of a reader has no place for more than one part.
        is_whole = len(rendered) == 1 or press.chat_id is None
        try:
            await self._sender.edit(rendered[0], spot_of(press), keyboard if is_whole else None)
        except MessageGoneError:
            if press.chat_id is None:
                raise
            await self.reply(reply, press)
            return
        if press.chat_id is None or press.message_id is None:
            return
        ids = [press.message_id]
        if not is_whole:
            ids += [sent.message_id async for sent in self._sender.send(rendered[1:], target_of(press), keyboard)]
        await self._conversation.sent(reply, press.chat_id, ids)

    async def edit_buttons(self, buttons: Buttons, press: Press) -> None:
        """Put other buttons under a message, its words staying. Raises: SendError, but not where it is gone."""
        try:
            await self._sender.edit_keyboard(spot_of(press), keyboard_of(buttons, our_name=self._sender.our_name))
        except MessageGoneError as failure:
            logger.info("buttons not changed error=%s", type(failure).__name__)

    async def post(self, outgoing: Iterable[Outgoing]) -> None:
        """Say what answers nobody; a failure is logged, and told to the conversation."""
        for each in outgoing:
            try:
                await self._send(each.reply, target_of(each), None, None)
            except SendError as failure:
                logger.warning("notice not sent chat=%d error=%s", each.chat_id, type(failure).__name__)

    async def _send(self, reply: Reply, target: Target, chat: ChatSeen | None, incoming: Incoming | None) -> None:
        rendered = parts(reply, our_name=self._sender.our_name)
        keyboard = keyboard_of(reply.buttons, our_name=self._sender.our_name)
        sent: list[Sent] = []
        try:
            async for message in self._sender.send(rendered, target, keyboard):
                sent.append(message)
        except SendError as failure:
            await self._failed(failure, reply, target, chat, sent)
            raise
        finally:
            if sent:
                await self._told(reply, target, sent, incoming)

    async def _told(self, reply: Reply, target: Target, sent: list[Sent], incoming: Incoming | None) -> None:
        chat_id = sent[-1].chat_id
        if chat_id != target.chat_id:
            moved = Migrated(old_chat_id=target.chat_id, new_chat_id=chat_id)
            await self.post(await self._conversation.migrated(moved))
        ids = tuple(message.message_id for message in sent if message.chat_id == chat_id and not message.is_picture)
        await self._conversation.sent(reply, chat_id, ids, incoming)

    async def _failed(
        self, failure: SendError, reply: Reply, target: Target, chat: ChatSeen | None, sent: list[Sent]
    ) -> None:
        """Tell the conversation what it must know: that nothing left, that nothing will, where nothing can."""
        if reply.sent_id and not sent and not isinstance(failure, UncertainError):
            await self._conversation.unsent(reply.sent_id)
        if isinstance(failure, ChatClosedError) and failure.pause is not None:
            await self._conversation.unreachable(target.chat_id, failure.pause, self._clock())
        if isinstance(failure, TopicClosedError) and chat is not None:
            notices = await self._conversation.topic_closed(chat, target.thread_id or 0, self._clock())
            await self.post(notices)
