"""Translates the library's errors into ours, in one place."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from types import MappingProxyType

from telegram import error

from bot.records import PauseReason
from bot.tg.errors import (
    ChatClosedError,
    ChatMovedError,
    FloodError,
    MarkupError,
    MessageGoneError,
    NotDeliveredError,
    PlatformError,
    QueryExpiredError,
    RefusedError,
    SecondInstanceError,
    TokenError,
    TopicClosedError,
    UncertainError,
    UnchangedError,
)

_UNSENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol"})
# What a refusal says and what it means; the first that fits counts.
_MEANINGS: tuple[tuple[Callable[[str], PlatformError], tuple[str, ...]], ...] = (
    (MarkupError, ("can't parse entities", "can't find end of the entity", "unsupported start tag")),
    (UnchangedError, ("message is not modified",)),
    (QueryExpiredError, ("query is too old", "query id is invalid", "query_id_invalid")),
    (TopicClosedError, ("topic_closed", "topic_deleted", "topic_id_invalid", "message thread not found")),
    (MessageGoneError, ("message to edit not found", "message can't be edited", "message_id_invalid")),
    (lambda reason: ChatClosedError(reason, PauseReason.GONE), ("chat not found", "peer_id_invalid")),
    (
        ChatClosedError,
        ("need administrator rights", "not enough rights", "have no rights", "chat_write_forbidden", "chat_restricted"),
    ),
)
_FORBIDDEN: tuple[tuple[str, PauseReason], ...] = (
    ("blocked by the user", PauseReason.BLOCKED),
    ("user is deactivated", PauseReason.GONE),
    ("was kicked", PauseReason.KICKED),
    ("not a member", PauseReason.KICKED),
    ("was deleted", PauseReason.GONE),
)


def _bad_request(cause: error.TelegramError) -> PlatformError:
    reason = str(cause).lower()
    kind = next((kind for kind, marks in _MEANINGS if any(mark in reason for mark in marks)), RefusedError)
    return kind(str(cause))


def _forbidden(cause: error.TelegramError) -> PlatformError:
    reason = str(cause).lower()
    return ChatClosedError(str(cause), next((pause for mark, pause in _FORBIDDEN if mark in reason), None))


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
        error.Forbidden: _forbidden,
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
