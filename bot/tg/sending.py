"""Sends, edits and shows what was rendered: HTML, or plain text where Telegram cannot parse it.

Waits out a flood limit for its own chat only. Repeats what certainly did not leave, never what may have arrived.
"""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from telegram import Bot, InlineKeyboardMarkup, LinkPreviewOptions, ReplyParameters
from telegram.constants import ChatAction, ParseMode

from bot.tg.errors import ChatMovedError, FloodError, MarkupError, NotDeliveredError, SendError, UnchangedError
from bot.tg.failures import translated
from bot.tg.render import Part
from bot.types import Incoming, Outgoing, Press

logger = logging.getLogger(__name__)

PATIENCE_S = 120.0
_TRIES = 4
_FIRST_PAUSE_S = 0.5
# A little less than Telegram takes in a second from one bot.
_RETURNS_PER_S = 25
_PICTURE_NAME = "updates.png"
_NO_PREVIEW = LinkPreviewOptions(is_disabled=True)

T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to send: a chat, a forum topic of it, the message to reply to."""

    chat_id: int
    thread_id: int | None = None
    answers: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A message of ours that can be edited: in a chat that we are in, or sent by way of a reader."""

    chat_id: int | None = None
    message_id: int | None = None
    inline_message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message of ours that has arrived; in another chat than meant where the group has moved."""

    chat_id: int
    message_id: int
    is_picture: bool = False


def target_of(to: Incoming | Press | Outgoing) -> Target:
    """Tell where the answer to something goes; a press must have come from a chat that we are in."""
    if isinstance(to, Outgoing):
        return Target(chat_id=to.chat_id, thread_id=to.thread_id)
    if to.chat_id is None:
        raise ValueError("what was pressed stands in no chat of ours")
    return Target(chat_id=to.chat_id, thread_id=to.thread_id, answers=to.message_id)


def spot_of(press: Press) -> Spot:
    """Tell which message a button stands under."""
    return Spot(chat_id=press.chat_id, message_id=press.message_id, inline_message_id=press.inline_message_id)


class Sender:
    """Sends to one bot's chats. `pause` sleeps for so many seconds, or raises to give up."""

    def __init__(self, bot: Bot, *, pause: Pause, patience_s: float = PATIENCE_S) -> None:
        self._bot = bot
        self._pause = pause
        self._patience_s = patience_s
        self._waiting = 0

    @property
    def our_name(self) -> str:
        """Our @name without the @."""
        return self._bot.username

    async def typing(self, target: Target) -> None:
        """Show once that we are at work. A failure is no reason to withhold the answer."""
        try:
            with translated():
                await self._bot.send_chat_action(target.chat_id, ChatAction.TYPING, message_thread_id=target.thread_id)
        except SendError as failure:
            logger.debug("typing not shown chat=%d error=%s", target.chat_id, type(failure).__name__)

    async def send(
        self, parts: Sequence[Part], target: Target, keyboard: InlineKeyboardMarkup | None = None
    ) -> AsyncIterator[Sent]:
        """Send the parts in order, the first as a reply, the last words with the buttons; yields each that has arrived.

        Raises: SendError; what was sent before stays.
        """
        words = [place for place, part in enumerate(parts) if part.picture is None] or [0]
        for place, part in enumerate(parts):
            sent = await self._deliver(part, target, keyboard if place == words[-1] else None)
            # A group that moved counts its messages anew, and has no topics yet.
            target = Target(
                chat_id=sent.chat_id, thread_id=target.thread_id if sent.chat_id == target.chat_id else None
            )
            yield sent

    async def edit(self, part: Part, spot: Spot, keyboard: InlineKeyboardMarkup | None = None) -> None:
        """Put new words and buttons into a message. Raises: SendError, but not where it says that already."""

        async def write(text: str, parse_mode: ParseMode | None) -> None:
            with translated():
                await self._bot.edit_message_text(
                    text,
                    chat_id=spot.chat_id,
                    message_id=spot.message_id,
                    inline_message_id=spot.inline_message_id,
                    parse_mode=parse_mode,
                    link_preview_options=_NO_PREVIEW,
                    reply_markup=keyboard,
                )

        await self._change(lambda: _as_html_or_plain(part, write))

    async def edit_keyboard(self, spot: Spot, keyboard: InlineKeyboardMarkup | None) -> None:
        """Put other buttons under a message. Raises: as `edit`."""

        async def write() -> None:
            with translated():
                await self._bot.edit_message_reply_markup(
                    chat_id=spot.chat_id,
                    message_id=spot.message_id,
                    inline_message_id=spot.inline_message_id,
                    reply_markup=keyboard,
                )

        await self._change(write)

    async def _change(self, write: Callable[[], Awaitable[None]]) -> None:
        try:
            await self._trying(write)
        except UnchangedError:
            logger.debug("edit changed nothing")

    async def _deliver(self, part: Part, target: Target, keyboard: InlineKeyboardMarkup | None) -> Sent:
        """Send one part; to where the group has moved, if it has."""
        try:
            return await self._trying(lambda: self._post(part, target, keyboard))
        except ChatMovedError as move:
            logger.info("chat moved from=%d to=%d", target.chat_id, move.new_chat_id)
            moved = Target(chat_id=move.new_chat_id)
            return await self._trying(lambda: self._post(part, moved, keyboard))

    async def _trying(self, call: Callable[[], Awaitable[T]]) -> T:
        """Make a call, and again where that is safe, for as long as patience lasts."""
        waited_s, unmade = 0.0, 0
        while True:
            try:
                return await call()
            except FloodError as flood:
                waited_s += flood.retry_after_s
                if waited_s > self._patience_s:
                    raise
                logger.warning("flood limit met retry_after_s=%g waiting=%d", flood.retry_after_s, self._waiting)
                await self._wait(flood.retry_after_s)
            except NotDeliveredError:
                unmade += 1
                if unmade == _TRIES:
                    raise
                await self._pause(_FIRST_PAUSE_S * 2 ** (unmade - 1))

    async def _wait(self, seconds: float) -> None:
        """Wait out a flood limit; those who wait at the same time come back one after the other."""
        self._waiting += 1
        try:
            await self._pause(seconds + (self._waiting - 1) / _RETURNS_PER_S)
        finally:
            self._waiting -= 1

    async def _post(self, part: Part, target: Target, keyboard: InlineKeyboardMarkup | None) -> Sent:
        if part.picture is not None:
            return await self._post_picture(part, part.picture, target, keyboard)

        async def write(text: str, parse_mode: ParseMode | None) -> int:
            answers = target.answers
            with translated():
                message = await self._bot.send_message(
                    target.chat_id,
                    text,
                    parse_mode=parse_mode,
                    message_thread_id=target.thread_id,
                    link_preview_options=_NO_PREVIEW,
                    reply_parameters=ReplyParameters(answers, allow_sending_without_reply=True) if answers else None,
                    reply_markup=keyboard,
                )
            return message.message_id

        return Sent(chat_id=target.chat_id, message_id=await _as_html_or_plain(part, write))

    async def _post_picture(
        self, part: Part, picture: bytes, target: Target, keyboard: InlineKeyboardMarkup | None
    ) -> Sent:
        """Send a picture, with its words below it; without a sound, since it follows words that made one."""

        async def write(text: str, parse_mode: ParseMode | None) -> int:
            with translated():
                message = await self._bot.send_photo(
                    target.chat_id,
                    picture,
                    caption=text,
                    parse_mode=parse_mode,
                    message_thread_id=target.thread_id,
                    disable_notification=True,
                    reply_markup=keyboard,
                    filename=_PICTURE_NAME,
                )
            return message.message_id

        return Sent(chat_id=target.chat_id, message_id=await _as_html_or_plain(part, write), is_picture=True)


async def _as_html_or_plain(part: Part, write: Callable[[str, ParseMode | None], Awaitable[T]]) -> T:
    """Write as HTML; as plain text where Telegram cannot parse it."""
    try:
        return await write(part.html, ParseMode.HTML)
    except MarkupError as refusal:
        logger.error("markup refused reason=%s", refusal)
        return await write(part.plain, None)
