"""Makes one attempt to send or edit what the outbox holds, and says what came of it.

Waits for nothing and repeats nothing, but once as plain text where Telegram cannot parse the HTML: when to try again
is the outbox's to decide.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

from telegram import Bot, InlineKeyboardMarkup
from telegram.ext import BaseRateLimiter

from bot.deliveries import (
    Arrived,
    Closed,
    Delivery,
    Edit,
    Gone,
    Later,
    Outcome,
    Perhaps,
    Refused,
    Rendered,
    TopicClosed,
    Unsent,
)
from bot.drain import Turns
from bot.tg.errors import (
    ChatClosedError,
    ChatMovedError,
    FloodError,
    MessageGoneError,
    NotDeliveredError,
    PlatformError,
    RefusedError,
    ServeError,
    TopicClosedError,
    UncertainError,
)
from bot.tg.keyboards import keyboard_of
from bot.tg.render import Part, parts
from bot.tg.sending import Sender, Spot, Target
from bot.types import Reply

# What the outbox sends has had its turn already.
_HAS_TURN: ContextVar[bool] = ContextVar("has_turn", default=False)
_FREE_PER_SECOND = 30


def _closed(error: PlatformError) -> Outcome:
    return Closed(pause=error.pause if isinstance(error, ChatClosedError) else None, reason=str(error))


def _later(error: PlatformError) -> Outcome:
    return Later(retry_after_s=error.retry_after_s if isinstance(error, FloodError) else 0.0)


# The most specific first.
_OUTCOMES: Mapping[type[PlatformError], Callable[[PlatformError], Outcome]] = MappingProxyType(
    {
        FloodError: _later,
        ChatClosedError: _closed,
        TopicClosedError: lambda error: TopicClosed(reason=str(error)),
        MessageGoneError: lambda error: Gone(reason=str(error)),
        # Of an edit: the messages of a group that moved cannot be reached any more.
        ChatMovedError: lambda error: Gone(reason=str(error)),
        RefusedError: lambda error: Refused(reason=str(error)),
        NotDeliveredError: lambda error: Unsent(reason=str(error)),
        UncertainError: lambda error: Perhaps(reason=str(error)),
        ServeError: lambda error: Unsent(reason=type(error).__name__),
    }
)


class Posting:
    """The outbox's `Post` for Telegram."""

    def __init__(self, bot: Bot) -> None:
        """Take the bot to send by."""
        self._sender = Sender(bot, pause=_never, patience_s=0.0)

    async def send(self, delivery: Delivery) -> Outcome:
        """Make one attempt."""
        part = Part(html=delivery.body.html, plain=delivery.body.plain, picture=delivery.body.picture)
        keyboard = keyboard_of(delivery.buttons, our_name=self._sender.our_name)
        with _in_turn():
            try:
                if delivery.edit is not None:
                    return await self._edit(part, delivery, delivery.edit, keyboard)
                return await self._send(part, delivery, keyboard)
            except PlatformError as error:
                return outcome_of(error)

    async def _send(self, part: Part, delivery: Delivery, keyboard: InlineKeyboardMarkup | None) -> Outcome:
        if delivery.chat_id is None:
            raise ValueError(f"delivery {delivery.id} goes to no chat")
        target = Target(chat_id=delivery.chat_id, thread_id=delivery.thread_id, answers=delivery.reply_to)
        (sent,) = [message async for message in self._sender.send([part], target, keyboard)]
        return Arrived(chat_id=sent.chat_id, message_id=sent.message_id)

    async def _edit(self, part: Part, delivery: Delivery, edit: Edit, keyboard: InlineKeyboardMarkup | None) -> Outcome:
        chat_id = delivery.chat_id if edit.message_id is not None else None
        spot = Spot(chat_id=chat_id, message_id=edit.message_id, inline_message_id=edit.inline_message_id)
        await self._sender.edit(part, spot, keyboard)
        return Arrived(chat_id=delivery.chat_id, message_id=edit.message_id)


class PacedCalls(BaseRateLimiter[None]):
    """Lets every message and edit of a bot wait for its turn, those of the outbox excepted, which had theirs.

    The library's own place for it: `PollingBot(token, rate_limiter=PacedCalls(turns))`.
    """

    def __init__(self, turns: Turns, *, per_second: int = _FREE_PER_SECOND) -> None:
        """Take who has the turns, and how many there are: more than Telegram gives for nothing are paid for."""
        self._turns = turns
        self._is_paid = per_second > _FREE_PER_SECOND

    async def initialize(self) -> None:
        """Nothing to prepare."""

    async def shutdown(self) -> None:
        """Nothing to release."""

    async def process_request(
        self,
        callback: Callable[..., Any],
        args: Any,  # noqa: ANN401  the library's own arguments, passed on
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: None,
    ) -> Any:  # noqa: ANN401  as above
        """Make a call when it is its turn."""
        if _is_message(endpoint):
            if not _HAS_TURN.get():
                await self._turns.answer(data.get("chat_id") or str(data.get("inline_message_id")))
            elif self._is_paid and endpoint in ("sendMessage", "sendPhoto"):
                data["allow_paid_broadcast"] = True
        return await callback(*args, **kwargs)


def rendered(reply: Reply, *, our_name: str) -> tuple[Rendered, ...]:
    """Render a reply as the outbox keeps it."""
    return tuple(
        Rendered(html=part.html, plain=part.plain, picture=part.picture, blocks=part.blocks)
        for part in parts(reply, our_name=our_name)
    )


def outcome_of(error: PlatformError) -> Outcome:
    """Say what an error means for a delivery."""
    kind = next(kind for kind in _OUTCOMES if isinstance(error, kind))
    return _OUTCOMES[kind](error)


def _is_message(endpoint: str) -> bool:
    """Tell what Telegram's limits count; it does not count the sign that we are typing."""
    return endpoint != "sendChatAction" and endpoint.startswith(("send", "edit", "copy", "forward"))


@contextmanager
def _in_turn() -> Iterator[None]:
    token = _HAS_TURN.set(True)
    try:
        yield
    finally:
        _HAS_TURN.reset(token)


async def _never(seconds: float) -> None:
    """Give up rather than wait."""
    raise NotDeliveredError("not connected")
