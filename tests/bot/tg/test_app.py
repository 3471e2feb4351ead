"""The whole Telegram edge through the library's real Application, with Telegram's side in memory."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from http import HTTPStatus

import httpx
import pytest
from telegram import error

from bot.config import Config, TelegramConfig
from bot.texts import line
from bot.tg.app import serve
from bot.tg.errors import SecondInstanceError, ServeError, TokenError, UnreachableError
from bot.types import Action, Ask, Incoming, Latest, Page, Reply, Say
from tests.bot.tg.botapi import FakeTelegram, refusal
from tests.bot.tg.builders import (
    ASKER,
    GROUP,
    NOW,
    TOKEN,
    Json,
    group_chat,
    make_message,
    make_quote,
    make_reply,
    make_update,
    our_user,
    private_chat,
)
from tests.bot.tg.markup import parse

HOSTILE = 'He said: "<b>a & b</b>" &amp; <script>, then 1 < 2.'


CONFIG = Config(telegram=TelegramConfig(base_url="https://bot-api.example"))


class FakeDesk:
    """Answers everything with one quote; `when` may hold up or break the answer to an Incoming."""

    def __init__(self, when: Callable[[Incoming], Awaitable[None]] | None = None) -> None:
        self.handled: list[tuple[Action, Incoming]] = []
        self.remembered: list[tuple[int, int, int]] = []
        self._when = when

    async def handle(self, action: Action, incoming: Incoming, *, now: datetime) -> Reply:
        self.handled.append((action, incoming))
        if self._when is not None and not isinstance(action, Say):
            await self._when(incoming)
        return make_reply(make_quote(HOSTILE))

    def remember(self, chat_id: int, message_id: int, incoming: Incoming) -> None:
        self.remembered.append((chat_id, message_id, incoming.message_id))

    @property
    def actions(self) -> list[Action]:
        return [action for action, _ in self.handled]


async def conversation(telegram: FakeTelegram, desk: FakeDesk, *messages: Json, kind: str = "message") -> None:
    """Serve until all messages are fetched and answered."""
    telegram.push(*(make_update(message, kind=kind) for message in messages))
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(CONFIG, desk, token=TOKEN, stop=stop, request=telegram, clock=lambda: NOW))
    fetched = asyncio.create_task(telegram.handed_over.wait())
    await asyncio.wait({serving, fetched}, return_when=asyncio.FIRST_COMPLETED, timeout=5)
    stop.set()
    await serving


def run(*messages: Json, kind: str = "message", desk: FakeDesk | None = None) -> tuple[FakeTelegram, FakeDesk]:
    telegram, desk = FakeTelegram(), desk or FakeDesk()
    asyncio.run(conversation(telegram, desk, *messages, kind=kind))
    return telegram, desk


def test_serve_when_asked_in_private_then_answers_in_html_as_a_reply() -> None:
    question = make_message("How many boats?")
    telegram, desk = run(question)
    assert desk.actions == [Ask(question="How many boats?")]
    (message,) = telegram.sent
    assert message["chat_id"] == ASKER
    assert message["reply_parameters"]["message_id"] == question["message_id"]
    assert parse(message["text"]).of("blockquote")[0].text == HOSTILE
    assert telegram.of("sendChatAction") == [{"chat_id": ASKER, "action": "typing"}]
    assert desk.remembered == [(ASKER, 1000, question["message_id"])]


def test_serve_when_a_page_is_asked_for_then_no_typing_shows() -> None:
    telegram, desk = run(make_message("/start"))
    assert isinstance(desk.actions[0], Page)
    assert len(telegram.sent) == 1
    assert telegram.of("sendChatAction") == []


def test_serve_when_a_group_talks_then_silence() -> None:
    telegram, desk = run(
        make_message("How many boats?", chat=group_chat()),
        make_message("/ask@OtherBot How many boats?", chat=group_chat()),
        make_message("/ask How many boats?", chat=group_chat(), is_automatic_forward=True),
    )
    assert desk.handled == []
    assert telegram.sent == []
    assert telegram.of("sendChatAction") == []


@pytest.mark.parametrize("text", ["/ask How many boats?", "/ask@DatelineBot How many boats?"])
def test_serve_when_addressed_in_a_group_then_answers_there(text: str) -> None:
    telegram, desk = run(make_message(text, chat=group_chat()))
    assert desk.actions == [Ask(question="How many boats?")]
    assert [message["chat_id"] for message in telegram.sent] == [GROUP]


def test_serve_when_our_message_is_replied_to_in_a_group_then_answers() -> None:
    ours = make_message("The ferry sailed.", chat=group_chat(), sender=our_user())
    telegram, _ = run(make_message("How many boats?", chat=group_chat(), reply_to_message=ours))
    assert len(telegram.sent) == 1


def test_serve_when_asked_in_a_topic_then_answers_in_it_and_general_is_no_thread() -> None:
    telegram, _ = run(
        make_message("/ask a b?", chat=group_chat(), message_thread_id=77, is_topic_message=True),
        make_message("/ask a b?", chat=group_chat(), message_thread_id=1),
    )
    assert [message.get("message_thread_id") for message in telegram.sent] == [77, None]


@pytest.mark.parametrize("kind", ["edited_message", "channel_post", "edited_channel_post"])
def test_serve_when_it_is_no_new_message_then_not_answered(kind: str) -> None:
    chat = private_chat() if kind == "edited_message" else {"id": -1009, "type": "channel", "title": "News"}
    telegram, desk = run(make_message("/ask How many boats?", chat=chat), kind=kind)
    assert desk.handled == []
    assert telegram.sent == []


def test_serve_when_markup_is_refused_then_the_plain_text_goes() -> None:
    telegram = FakeTelegram()
    telegram.fail("sendMessage", refusal(HTTPStatus.BAD_REQUEST, "Bad Request: can't parse entities: oh"))
    asyncio.run(conversation(telegram, FakeDesk(), make_message("How many boats?")))
    _, second = telegram.sent
    assert f"“{HOSTILE}”" in second["text"]
    assert "parse_mode" not in second


def test_serve_when_one_chat_must_wait_then_the_others_are_answered_meanwhile() -> None:
    async def scene() -> list[int]:
        telegram = FakeTelegram()
        telegram.fail("sendMessage", refusal(HTTPStatus.TOO_MANY_REQUESTS, "Too Many Requests", retry_after=1))
        await conversation(
            telegram,
            FakeDesk(when=lambda incoming: asyncio.sleep(0.05 if incoming.chat_id == 8 else 0)),
            make_message("How many boats?", chat=private_chat(7)),
            make_message("How many boats?", chat=private_chat(8)),
        )
        return [message["chat_id"] for message in telegram.sent]

    # The stop cuts the first chat's wait short: it is given up, and the second chat has its answer.
    assert asyncio.run(scene()) == [7, 8]


def test_serve_when_a_chat_asks_twice_then_answers_come_in_order() -> None:
    async def slow_first(incoming: Incoming) -> None:
        await asyncio.sleep(0.05 if incoming.text == "first one?" else 0)

    first, second, other = (
        make_message("first one?"),
        make_message("second one?"),
        make_message("another's?", chat=private_chat(8)),
    )
    telegram, _ = run(first, second, other, desk=FakeDesk(when=slow_first))
    assert [message["reply_parameters"]["message_id"] for message in telegram.sent] == [
        other["message_id"],
        first["message_id"],
        second["message_id"],
    ]


def test_serve_when_questions_waited_out_a_downtime_then_one_apology_a_chat() -> None:
    old = NOW - timedelta(minutes=5, seconds=1)
    telegram, desk = run(
        make_message("first one?", sent_at=old),
        make_message("second one?", sent_at=old),
        make_message("other's?", sent_at=old, chat=private_chat(8)),
        make_message("group talk", sent_at=old, chat=group_chat()),
        make_message("a fresh one?", sent_at=NOW - timedelta(minutes=4)),
    )
    assert sorted(message["chat_id"] for message in telegram.sent) == [ASKER, ASKER, 8]
    assert [action for action, incoming in desk.handled if incoming.chat_id == ASKER] == [
        Say(line="late"),
        Ask(question="a fresh one?"),
    ]


def test_serve_when_the_desk_breaks_then_the_asker_is_told_and_the_next_is_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(incoming: Incoming) -> None:
        if incoming.text == "first one?":
            raise KeyError("a bug")

    telegram, desk = run(make_message("first one?"), make_message("second one?"), desk=FakeDesk(when=broken))
    assert desk.actions == [Ask(question="first one?"), Say(line="failed"), Ask(question="second one?")]
    assert len(telegram.sent) == 2
    assert "update failed error=KeyError" in caplog.text
    assert "first one?" not in caplog.text


def test_serve_when_the_bot_was_blocked_then_it_is_logged_and_the_next_is_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    telegram = FakeTelegram()
    telegram.fail("sendMessage", refusal(HTTPStatus.FORBIDDEN, "Forbidden: bot was blocked by the user"))
    messages = make_message("How many boats?"), make_message("How many boats?", chat=private_chat(8))
    asyncio.run(conversation(telegram, FakeDesk(), *messages))
    assert [message["chat_id"] for message in telegram.sent] == [7, 8]
    assert "reply not sent error=ChatClosedError" in caplog.text


def test_serve_when_started_then_menus_are_set_and_nothing_is_dropped() -> None:
    telegram, _ = run()
    scopes = [parameters["scope"]["type"] for parameters in telegram.of("setMyCommands")]
    assert scopes == ["all_private_chats", "all_group_chats", "all_chat_administrators"]
    names = [command["command"] for command in telegram.of("setMyCommands")[0]["commands"]]
    assert {"ask", "latest", "sources", "help", "privacy"} <= set(names)
    assert not any(parameters.get("drop_pending_updates") for parameters in telegram.of("deleteWebhook"))
    assert telegram.of("getUpdates")[0]["allowed_updates"] == ["message", "edited_message"]
    assert telegram.of("getUpdates")[0]["timeout"] >= 10


def test_serve_when_a_menu_is_refused_then_it_still_answers() -> None:
    telegram = FakeTelegram()
    telegram.fail("setMyCommands", refusal(HTTPStatus.BAD_REQUEST, "Bad Request: BOT_COMMAND_INVALID"))
    asyncio.run(conversation(telegram, FakeDesk(), make_message("How many boats?")))
    assert len(telegram.sent) == 1


def failing(method: str, *outcomes: tuple[int, Json] | Exception) -> FakeTelegram:
    telegram = FakeTelegram()
    telegram.fail(method, *outcomes)
    return telegram


def test_serve_when_the_token_is_wrong_then_one_line_without_it() -> None:
    telegram = failing("getMe", refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized"))
    with pytest.raises(TokenError) as raised:
        asyncio.run(conversation(telegram, FakeDesk()))
    assert_one_line(raised.value, "DATELINE_TELEGRAM_TOKEN")


def test_serve_when_there_is_no_token_then_one_line() -> None:
    with pytest.raises(TokenError):
        asyncio.run(serve(CONFIG, FakeDesk(), token="", request=FakeTelegram()))


@pytest.mark.parametrize("method", ["getMe", "deleteWebhook"])
def test_serve_when_the_network_is_down_then_one_line(method: str) -> None:
    down = error.NetworkError("httpx.ConnectError: All connection attempts failed")
    down.__cause__ = httpx.ConnectError("All connection attempts failed")
    with pytest.raises(UnreachableError) as raised:
        asyncio.run(conversation(failing(method, down), FakeDesk()))
    assert_one_line(raised.value, "https://bot-api.example")


@pytest.mark.enable_socket
def test_serve_when_nobody_listens_at_the_real_address_then_one_line() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        config = Config(telegram=TelegramConfig(base_url=f"http://127.0.0.1:{unused.getsockname()[1]}"))
        with pytest.raises(UnreachableError) as raised:
            asyncio.run(serve(config, FakeDesk(), token=TOKEN))
    assert_one_line(raised.value, "http://127.0.0.1")


def test_serve_when_a_second_instance_polls_then_it_stops_and_asks_no_more(
    caplog: pytest.LogCaptureFixture,
) -> None:
    telegram = failing("getUpdates", refusal(HTTPStatus.CONFLICT, "Conflict: terminated by other getUpdates request"))
    with pytest.raises(SecondInstanceError) as raised:
        asyncio.run(conversation(telegram, FakeDesk()))
    assert_one_line(raised.value, "another instance")
    # Asking again, even to confirm what was fetched, would throw the other instance out.
    assert len(telegram.of("getUpdates")) == 1
    assert [record for record in caplog.records if record.levelno >= logging.ERROR] == []


def test_serve_when_the_token_is_revoked_while_polling_then_it_stops() -> None:
    telegram = failing("getUpdates", refusal(HTTPStatus.UNAUTHORIZED, "Unauthorized"))
    with pytest.raises(TokenError):
        asyncio.run(conversation(telegram, FakeDesk()))


def test_serve_when_polling_stumbles_then_it_goes_on_and_says_so_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = error.TimedOut()
    slow.__cause__ = httpx.ReadTimeout("slow")
    telegram = failing("getUpdates", slow, slow)
    asyncio.run(conversation(telegram, FakeDesk(), make_message("How many boats?")))
    assert len(telegram.sent) == 1
    assert caplog.text.count("polling failed") == 1


def test_serve_when_the_network_is_gone_at_the_stop_then_it_ends_quietly(caplog: pytest.LogCaptureFixture) -> None:
    async def scene() -> None:
        telegram, stop = FakeTelegram(), asyncio.Event()
        serving = asyncio.create_task(serve(CONFIG, FakeDesk(), token=TOKEN, stop=stop, request=telegram))
        await asyncio.wait_for(telegram.handed_over.wait(), timeout=5)
        telegram.fail("getUpdates", error.NetworkError("gone"))
        stop.set()
        await serving

    asyncio.run(scene())
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_serve_when_everything_is_logged_then_the_token_and_the_question_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "telegram"):
        caplog.set_level(logging.DEBUG, logger=name)
    telegram = failing("sendMessage", error.NetworkError(f"httpx.ReadError at https://bot-api.example/bot{TOKEN}/x"))
    asyncio.run(conversation(telegram, FakeDesk(), make_message("How many boats?")))
    assert "reply not sent" in caplog.text
    assert TOKEN.partition(":")[2] not in caplog.text
    assert "How many boats?" not in caplog.text
    assert "Ada" not in caplog.text


def test_serve_when_latest_is_asked_then_typing_shows() -> None:
    telegram, desk = run(make_message("/latest"))
    assert desk.actions == [Latest()]
    assert len(telegram.of("sendChatAction")) == 1


def test_lines_when_late_or_failed_then_the_texts_have_them() -> None:
    assert line("late") != line("failed")


def assert_one_line(failure: ServeError, holds: str) -> None:
    message = str(failure)
    assert holds in message
    assert "\n" not in message
    assert TOKEN.partition(":")[2] not in message
