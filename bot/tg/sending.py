"""Sends parts to Telegram as a reply to the asking message, and translates the library's errors into ours.

Waits out a flood limit for its own chat only. Repeats what certainly did not leave, never what may have arrived.
"""

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from types import MappingProxyType

from telegram import Bot, LinkPreviewOptions, ReplyParameters, error
from telegram.constants import ChatAction, ParseMode

from bot.tg.errors import (
    ChatClosedError,
    ChatMovedError,
    FloodError,
    MarkupError,
    NotDeliveredError,
    PlatformError,
    RefusedError,
    SecondInstanceError,
    SendError,
    TokenError,
    TopicClosedError,
    UncertainError,
)
from bot.tg.render import Part
from bot.types import Incoming

logger = logging.getLogger(__name__)

PATIENCE_S = 120.0
_TRIES = 4
_FIRST_PAUSE_S = 0.5
_UNSENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"})
_CHAT_GONE = (
    "chat not found",
    "need administrator rights",
    "not enough rights",
    "have no rights",
    "chat_write_forbidden",
)
_TOPIC_GONE = ("topic_closed", "topic_deleted", "message thread not found")
_MARKUP = ("can't parse entities", "can't find end of the entity", "unsupported start tag")


def _bad_request(cause: error.TelegramError) -> PlatformError:
    reason = str(cause).lower()
    if any(mark in reason for mark in _MARKUP):
        return MarkupError(str(cause))
    if any(mark in reason for mark in _TOPIC_GONE):
        return TopicClosedError(str(cause))
    if any(mark in reason for mark in _CHAT_GONE):
        return ChatClosedError(str(cause))
    return RefusedError(str(cause))


def _network(cause: error.TelegramError) -> PlatformError:
    # The transport's own errors are named, not imported: they belong to the library's request layer.
    origin = type(cause.__cause__).__name__
    return NotDeliveredError(str(cause)) if origin in _UNSENT else UncertainError(str(cause))


def _flood(cause: error.TelegramError) -> PlatformError:
    wait = cause.retry_after if isinstance(cause, error.RetryAfter) else 0
    return FloodError(wait.total_seconds() if isinstance(wait, timedelta) else float(wait))


def _moved(cause: error.TelegramError) -> PlatformError:
    return ChatMovedError(cause.new_chat_id) if isinstance(cause, error.ChatMigrated) else RefusedError(str(cause))


TRANSLATIONS: Mapping[type[error.TelegramError], Callable[[error.TelegramError], PlatformError]] = MappingProxyType(
    {
        error.BadRequest: _bad_request,
        error.ChatMigrated: _moved,
        error.Conflict: lambda cause: SecondInstanceError(),
        error.EndPointNotFound: lambda cause: RefusedError(str(cause)),
        error.Forbidden: lambda cause: ChatClosedError(str(cause)),
        error.InvalidToken: lambda cause: TokenError(),
        error.NetworkError: _network,
        error.PassportDecryptionError: lambda cause: RefusedError(str(cause)),
        error.RetryAfter: _flood,
        error.TelegramError: lambda cause: UncertainError(str(cause)),
        error.TimedOut: _network,
    }
)


def translate(cause: error.TelegramError) -> PlatformError:
    """Name the library's error in our words, by the most specific class that is known."""
    for kind in type(cause).__mro__:
        if kind in TRANSLATIONS:
            return TRANSLATIONS[kind](cause)
    raise TypeError(f"not an error of the library: {cause!r}")


@contextmanager
def translated() -> Iterator[None]:
    """Turn every error of the library into one of ours."""
    try:
        yield
    except error.InvalidToken as cause:
        raise translate(cause) from None  # the library's message holds the token
    except error.TelegramError as cause:
        raise translate(cause) from cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message of ours that has arrived."""

    chat_id: int
    message_id: int


class Sender:
    """Sends to one bot's chats. `pause` sleeps for so many seconds, or raises to give up."""

    def __init__(self, bot: Bot, *, pause: Callable[[float], Awaitable[None]], patience_s: float = PATIENCE_S) -> None:
        self._bot = bot
        self._pause = pause
        self._patience_s = patience_s

    async def typing(self, incoming: Incoming) -> None:
        """Show once that we are at work. A failure is no reason to withhold the answer."""
        try:
            with translated():
                await self._bot.send_chat_action(
                    incoming.chat_id, ChatAction.TYPING, message_thread_id=incoming.thread_id
                )
        except SendError as failure:
            logger.debug("typing not shown chat=%d error=%s", incoming.chat_id, type(failure).__name__)

    async def send(self, parts: Sequence[Part], incoming: Incoming) -> tuple[Sent, ...]:
        """Send the parts in order, the first as a reply to what was asked.

        Returns: the messages sent; in another chat than asked where the group has moved.
        Raises: SendError; what was sent before stays.
        """
        chat_id, sent = incoming.chat_id, list[Sent]()
        for part in parts:
            answers = None if sent else incoming.message_id
            message = await self._deliver(part, chat_id, incoming.thread_id, answers)
            chat_id = message.chat_id
            sent.append(message)
        return tuple(sent)

    async def _deliver(self, part: Part, chat_id: int, thread_id: int | None, answers: int | None) -> Sent:
        """Send one part, trying again where that is safe."""
        for attempt in range(_TRIES):
            try:
                return Sent(chat_id=chat_id, message_id=await self._post(part, chat_id, thread_id, answers))
            except FloodError as flood:
                if flood.retry_after_s > self._patience_s or attempt == _TRIES - 1:
                    raise
                logger.warning("flood limit met chat=%d retry_after_s=%g", chat_id, flood.retry_after_s)
                await self._pause(flood.retry_after_s)
            except NotDeliveredError:
                if attempt == _TRIES - 1:
                    raise
                await self._pause(_FIRST_PAUSE_S * 2**attempt)
            except ChatMovedError as move:
                if attempt == _TRIES - 1:
                    raise
                logger.info("chat moved from=%d to=%d", chat_id, move.new_chat_id)
                chat_id = move.new_chat_id
        raise AssertionError("every last try returns or raises")

    async def _post(self, part: Part, chat_id: int, thread_id: int | None, answers: int | None) -> int:
        """Send as HTML; as plain text where Telegram cannot parse it."""
        try:
            return await self._call(part.html, ParseMode.HTML, chat_id, thread_id, answers)
        except MarkupError as refusal:
            logger.error("markup refused chat=%d reason=%s", chat_id, refusal)
            return await self._call(part.plain, None, chat_id, thread_id, answers)

    async def _call(
        self, text: str, parse_mode: ParseMode | None, chat_id: int, thread_id: int | None, answers: int | None
    ) -> int:
        with translated():
            message = await self._bot.send_message(
                chat_id,
                text,
                parse_mode=parse_mode,
                message_thread_id=thread_id,
                link_preview_options=LinkPreviewOptions(is_disabled=True),
                reply_parameters=ReplyParameters(answers, allow_sending_without_reply=True) if answers else None,
            )
        return message.message_id
