import asyncio
from collections.abc import Callable
from http import HTTPStatus

import httpx
import pytest
from telegram import Bot, error

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
from bot.tg.sending import TRANSLATIONS, Sender, translate, translated
from bot.types import Incoming, Place
from tests.bot.tg.botapi import FakeTelegram, Outcome, refusal
from tests.bot.tg.builders import ASKER, GROUP, NOW, TOKEN

PART = Part(html="<b>Ferry</b> &amp; pier", plain="Ferry & pier")


def make_incoming(*, thread_id: int | None = None, chat_id: int = ASKER) -> Incoming:
    return Incoming(
        chat_id=chat_id, message_id=11, place=Place.PRIVATE, text="where?", sent_at=NOW, thread_id=thread_id
    )


def unsent(cause: httpx.HTTPError, kind: type[error.NetworkError] = error.NetworkError) -> error.NetworkError:
    failure = kind("the network")
    failure.__cause__ = cause
    return failure


class Wire:
    """A Sender over a FakeTelegram, with the pauses it took."""

    def __init__(self, *outcomes: Outcome) -> None:
        self.telegram = FakeTelegram()
        self.telegram.fail("sendMessage", *outcomes)
        self.pauses: list[float] = []

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)

    def send(self, *parts: Part, incoming: Incoming | None = None) -> tuple[int, ...]:
        async def run() -> tuple[int, ...]:
            bot = Bot(TOKEN, request=self.telegram, get_updates_request=self.telegram)
            sent = await Sender(bot, pause=self._pause).send(parts or (PART,), incoming or make_incoming())
            return tuple(message.message_id for message in sent)

        return asyncio.run(run())


def test_send_when_all_is_well_then_html_reply_without_preview() -> None:
    wire = Wire()
    assert wire.send() == (1000,)
    (message,) = wire.telegram.sent
    assert message["text"] == PART.html
    assert message["parse_mode"] == "HTML"
    assert message["link_preview_options"] == {"is_disabled": True}
    assert message["reply_parameters"] == {"message_id": 11, "allow_sending_without_reply": True}
    assert "message_thread_id" not in message


def test_send_when_asked_in_a_topic_then_answers_there() -> None:
    wire = Wire()
    wire.send(incoming=make_incoming(thread_id=77))
    assert wire.telegram.sent[0]["message_thread_id"] == 77


def test_send_when_there_are_two_parts_then_only_the_first_is_a_reply() -> None:
    wire = Wire()
    assert wire.send(PART, PART) == (1000, 1001)
    assert ["reply_parameters" in message for message in wire.telegram.sent] == [True, False]


def test_send_when_the_markup_is_refused_then_once_more_as_plain_text() -> None:
    wire = Wire()
    wire.send(Part(html="<b>torn", plain="torn"))
    first, second = wire.telegram.sent
    assert first["text"] == "<b>torn"
    assert second["text"] == "torn"
    assert "parse_mode" not in second
    assert "reply_parameters" in second


def test_send_when_even_the_plain_text_is_refused_then_raises() -> None:
    with pytest.raises(RefusedError):
        Wire().send(Part(html="<b>torn", plain=" "))


def test_send_when_flooded_then_waits_as_long_as_told_and_sends() -> None:
    wire = Wire(refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests: retry after 9", retry_after=9))
    assert wire.send() == (1000,)
    assert wire.pauses == [9]


def test_send_when_the_flood_lasts_hours_then_gives_up_at_once() -> None:
    wire = Wire(refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests", retry_after=43_837))
    with pytest.raises(FloodError) as raised:
        wire.send()
    assert raised.value.retry_after_s == 43_837
    assert wire.pauses == []


def test_send_when_the_connection_was_never_made_then_tries_again() -> None:
    wire = Wire(unsent(httpx.ConnectError("no route")), unsent(httpx.ConnectTimeout("slow"), error.TimedOut))
    assert wire.send() == (1000,)
    assert len(wire.pauses) == 2


def test_send_when_the_connection_is_never_made_then_gives_up_after_a_few() -> None:
    wire = Wire(*[unsent(httpx.ConnectError("no route")) for _ in range(9)])
    with pytest.raises(NotDeliveredError):
        wire.send()
    assert 1 < len(wire.telegram.sent) < 9


@pytest.mark.parametrize(
    "outcome",
    [unsent(httpx.ReadTimeout("slow"), error.TimedOut), refusal(HTTPStatus.BAD_GATEWAY, "Bad Gateway")],
    ids=["no answer in time", "bad gateway"],
)
def test_send_when_it_may_have_arrived_then_not_repeated(outcome: Outcome) -> None:
    wire = Wire(outcome)
    with pytest.raises(UncertainError):
        wire.send()
    assert len(wire.telegram.sent) == 1


def test_send_when_the_group_moved_then_follows_it() -> None:
    wire = Wire(refusal(HTTPStatus.BAD_REQUEST, "Bad Request: group chat was upgraded", migrate_to_chat_id=-1007))
    wire.send(PART, PART, incoming=make_incoming(chat_id=GROUP))
    assert [message["chat_id"] for message in wire.telegram.sent] == [GROUP, -1007, -1007]


def test_typing_when_refused_then_nothing_is_raised() -> None:
    telegram = FakeTelegram()
    telegram.fail("sendChatAction", refusal(HTTPStatus.FORBIDDEN, "Forbidden: bot was kicked"))

    async def run() -> None:
        bot = Bot(TOKEN, request=telegram, get_updates_request=telegram)
        await Sender(bot, pause=asyncio.sleep).typing(make_incoming(thread_id=77))

    asyncio.run(run())
    assert telegram.of("sendChatAction") == [{"chat_id": ASKER, "action": "typing", "message_thread_id": 77}]


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
