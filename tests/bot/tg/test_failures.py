"""Each class of the library's errors has its meaning for us, and only one."""

from collections.abc import Callable

import pytest
from telegram import error

from bot.records import PauseReason
from bot.tg.errors import (
    ChatClosedError,
    ChatMovedError,
    FloodError,
    MarkupError,
    MessageGoneError,
    PlatformError,
    QueryExpiredError,
    RefusedError,
    SecondInstanceError,
    SendError,
    TokenError,
    TopicClosedError,
    UncertainError,
    UnchangedError,
)
from bot.tg.failures import TRANSLATIONS, translate, translated
from tests.bot.tg.builders import TOKEN


def library_errors() -> list[type[error.TelegramError]]:
    return [kind for kind in vars(error).values() if isinstance(kind, type) and issubclass(kind, error.TelegramError)]


def test_translations_when_the_librarys_classes_are_walked_then_none_is_unmapped() -> None:
    found = library_errors()
    assert len(found) >= 11
    assert set(found) == set(TRANSLATIONS)


SAMPLES: dict[type[error.TelegramError], tuple[Callable[[], error.TelegramError], type[PlatformError]]] = {
    error.BadRequest: (lambda: error.BadRequest("Message is too long"), RefusedError),
    error.ChatMigrated: (lambda: error.ChatMigrated(-1007), ChatMovedError),
    error.Conflict: (lambda: error.Conflict("terminated by other getUpdates request"), SecondInstanceError),
    error.EndPointNotFound: (lambda: error.EndPointNotFound("no such method"), RefusedError),
    error.Forbidden: (lambda: error.Forbidden("bot was blocked by the user"), ChatClosedError),
    error.InvalidToken: (lambda: error.InvalidToken(f"The token `{TOKEN}` was rejected."), TokenError),
    error.NetworkError: (lambda: error.NetworkError("Bad Gateway"), UncertainError),
    error.PassportDecryptionError: (lambda: error.PassportDecryptionError("odd"), RefusedError),
    error.RetryAfter: (lambda: error.RetryAfter(3), FloodError),
    error.TelegramError: (lambda: error.TelegramError("Invalid server response"), UncertainError),
    error.TimedOut: (lambda: error.TimedOut(), UncertainError),
}


@pytest.mark.parametrize("kind", library_errors(), ids=lambda kind: str(kind.__name__))
def test_translated_when_the_library_raises_then_exactly_our_class(kind: type[error.TelegramError]) -> None:
    make, expected = SAMPLES[kind]
    with pytest.raises(PlatformError) as raised, translated():
        raise make()
    assert type(raised.value) is expected
    assert TOKEN not in str(raised.value)


def test_translated_when_the_token_is_in_the_cause_then_the_cause_is_not_shown() -> None:
    with pytest.raises(TokenError) as raised, translated():
        raise error.InvalidToken(f"The token `{TOKEN}` was rejected by the server.")
    assert raised.value.__cause__ is None
    assert raised.value.__suppress_context__


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("Bad Request: can't parse entities: Unsupported start tag", MarkupError),
        ("Bad Request: TOPIC_CLOSED", TopicClosedError),
        ("Bad Request: message thread not found", TopicClosedError),
        ("Bad Request: chat not found", ChatClosedError),
        ("Bad Request: not enough rights to send text messages to the chat", ChatClosedError),
        ("Bad Request: message is not modified: specified new message content is", UnchangedError),
        ("Bad Request: message to edit not found", MessageGoneError),
        ("Bad Request: message can't be edited", MessageGoneError),
        ("Bad Request: query is too old and response timeout expired or query ID is invalid", QueryExpiredError),
        ("Bad Request: message text is empty", RefusedError),
    ],
)
def test_translate_when_a_bad_request_has_a_reason_then_it_is_told_apart(
    reason: str, expected: type[SendError]
) -> None:
    assert type(translate(error.BadRequest(reason))) is expected


def test_translated_when_it_is_a_bug_then_it_passes() -> None:
    with pytest.raises(KeyError), translated():
        raise KeyError("ours")


@pytest.mark.parametrize(
    ("cause", "pause"),
    [
        (error.Forbidden("bot was blocked by the user"), PauseReason.BLOCKED),
        (error.Forbidden("bot was kicked from the supergroup chat"), PauseReason.KICKED),
        (error.Forbidden("bot is not a member of the channel chat"), PauseReason.KICKED),
        (error.Forbidden("user is deactivated"), PauseReason.GONE),
        (error.BadRequest("Chat not found"), PauseReason.GONE),
        (error.Forbidden("bot can't initiate conversation with a user"), None),
        (error.BadRequest("not enough rights to send text messages to the chat"), None),
    ],
    ids=str,
)
def test_translate_when_a_chat_is_closed_then_it_says_whether_that_lasts(
    cause: error.TelegramError, pause: PauseReason | None
) -> None:
    failure = translate(cause)
    assert isinstance(failure, ChatClosedError)
    assert failure.pause is pause
