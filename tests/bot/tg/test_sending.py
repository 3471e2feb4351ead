"""One call at a time: what is sent how, what is tried again, what never is."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import httpx
import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, error
from telegram.request import RequestData

from bot.tg.errors import FloodError, MessageGoneError, NotDeliveredError, RefusedError, UncertainError
from bot.tg.render import Part
from bot.tg.sending import Sender, Sent, Spot, Target
from tests.bot.tg.builders import Json
from tests.botapi import NONE, Drop, Group, Message, Person, Server, bad_gateway, too_many_requests
from tests.botapi.inprocess import InProcessRequest

PART = Part(html="<b>Ferry</b> &amp; pier", plain="Ferry & pier")
KEYBOARD = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="k1")]])

T = TypeVar("T")


def unsent(cause: httpx.HTTPError, kind: type[error.NetworkError] = error.NetworkError) -> error.NetworkError:
    failure = kind("the network")
    failure.__cause__ = cause
    return failure


class Wire:
    """A Sender to Ann over the strict server, with the pauses it took. `failures` come before the calls reach it."""

    def __init__(self, *failures: Exception) -> None:
        self.server = Server(limits=NONE)
        self.ann: Person = self.server.user("Ann", started=True)
        self.asked: Message = self.ann.says("where?")
        self.pauses: list[float] = []
        self._request = _Failing(self.server, list(failures))

    async def _pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.server.core.meter._closed.clear()

    def does(self, work: Callable[[Sender], Awaitable[T]]) -> T:
        async def run() -> T:
            bot = Bot(self.server.token, request=self._request, get_updates_request=self._request)
            async with bot:
                return await work(Sender(bot, pause=self._pause))

        return asyncio.run(run())

    def send(self, *parts: Part, to: Target | None = None, keyboard: InlineKeyboardMarkup | None = None) -> list[Sent]:
        target = to or Target(chat_id=self.ann.id, answers=self.asked.message_id)

        async def work(sender: Sender) -> list[Sent]:
            return [sent async for sent in sender.send(parts or (PART,), target, keyboard)]

        return self.does(work)

    def calls(self, method: str = "sendMessage") -> list[Json]:
        return [call.parameters for call in self.server.calls(method)]


class _Failing(InProcessRequest):
    def __init__(self, server: Server, failures: list[Exception]) -> None:
        super().__init__(server)
        self._failures = failures

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        if self._failures and not url.endswith("/getMe"):
            raise self._failures.pop(0)
        return await super().do_request(url, method, request_data)


def test_send_when_all_is_well_then_html_reply_without_preview() -> None:
    wire = Wire()
    wire.send()
    (message,) = wire.ann.ours
    assert message.text == "Ferry & pier"
    assert message.of("bold") == ["Ferry"]
    assert message.reply_to is wire.asked
    assert wire.calls()[0]["link_preview_options"] == {"is_disabled": True}
    assert wire.calls()[0]["reply_parameters"]["allow_sending_without_reply"] is True
    assert "message_thread_id" not in wire.calls()[0]


def test_send_when_what_was_asked_is_gone_then_it_is_sent_without_reply() -> None:
    wire = Wire()
    wire.ann.deletes(wire.asked)
    wire.send()
    assert wire.ann.ours[0].reply_to is None


def test_send_when_asked_in_a_topic_then_answers_there() -> None:
    wire = Wire()
    topic = wire.server.supergroup("Desk", wire.ann, forum=True).topic("Fires")
    wire.send(to=Target(chat_id=topic.id, thread_id=topic.thread_id))
    assert topic.texts == ["Ferry & pier"]


def test_send_when_there_are_two_parts_then_the_first_is_a_reply_and_the_last_has_the_buttons() -> None:
    wire = Wire()
    assert len(wire.send(PART, PART, keyboard=KEYBOARD)) == 2
    assert [message.reply_to for message in wire.ann.ours] == [wire.asked, None]
    assert [len(message.buttons) for message in wire.ann.ours] == [0, 1]


def test_send_when_the_markup_is_refused_then_once_more_as_plain_text() -> None:
    wire = Wire()
    wire.send(Part(html="<b>torn", plain="torn"), keyboard=KEYBOARD)
    first, second = wire.calls()
    assert first["text"] == "<b>torn"
    assert "parse_mode" not in second
    assert wire.ann.texts == ["torn"]
    assert (wire.ann.ours[0].reply_to, len(wire.ann.ours[0].buttons)) == (wire.asked, 1)


def test_send_when_even_the_plain_text_is_refused_then_raises() -> None:
    with pytest.raises(RefusedError):
        Wire().send(Part(html="<b>torn", plain=" "))


def test_send_when_flooded_then_waits_as_long_as_told_and_sends() -> None:
    wire = Wire()
    wire.server.flood(wire.ann, 9)
    wire.send()
    assert wire.pauses == [9]
    assert wire.ann.texts == ["Ferry & pier"]


def test_send_when_the_flood_lasts_hours_then_gives_up_at_once() -> None:
    wire = Wire()
    wire.server.fail("sendMessage", too_many_requests(43_837))
    with pytest.raises(FloodError) as raised:
        wire.send()
    assert raised.value.retry_after_s == 43_837
    assert wire.pauses == []


def test_send_when_the_connection_was_never_made_then_tries_again() -> None:
    wire = Wire(unsent(httpx.ConnectError("no route")), unsent(httpx.ConnectTimeout("slow"), error.TimedOut))
    wire.send()
    assert wire.ann.texts == ["Ferry & pier"]
    assert len(wire.pauses) == 2


def test_send_when_the_connection_is_never_made_then_gives_up_after_a_few() -> None:
    wire = Wire(*[unsent(httpx.ConnectError("no route")) for _ in range(9)])
    with pytest.raises(NotDeliveredError):
        wire.send()
    assert 0 < len(wire.pauses) < 8


@pytest.mark.parametrize("fault", [Drop.AFTER, Drop.SILENCE, bad_gateway()], ids=["dropped", "silence", "bad gateway"])
def test_send_when_it_may_have_arrived_then_not_repeated(fault: Drop) -> None:
    wire = Wire()
    wire.server.fail("sendMessage", fault)
    with pytest.raises(UncertainError):
        wire.send()
    assert len(wire.calls()) == 1


def test_send_when_the_group_moved_then_follows_it_without_the_old_reply() -> None:
    wire = Wire()
    group = wire.server.group("Desk", wire.ann)
    asked = wire.ann.says("/ask where?", to=group)
    moved = group.migrates()
    sent = wire.send(PART, PART, to=Target(chat_id=group.id, answers=asked.message_id))
    assert [message.chat_id for message in sent] == [moved.id, moved.id]
    assert moved.texts == ["Ferry & pier", "Ferry & pier"]
    assert [message.reply_to for message in moved.ours] == [None, None]
    assert [call["chat_id"] for call in wire.calls()] == [group.id, moved.id, moved.id]


def edited(wire: Wire, part: Part, keyboard: InlineKeyboardMarkup | None = None) -> Message:
    spot = Spot(chat_id=wire.ann.id, message_id=wire.ann.ours[0].message_id)
    wire.does(lambda sender: sender.edit(part, spot, keyboard))
    return wire.ann.ours[0]


def test_edit_when_words_are_new_then_they_stand_in_place() -> None:
    wire = Wire()
    wire.send(keyboard=KEYBOARD)
    message = edited(wire, Part(html="<i>later</i>", plain="later"))
    assert message.history == ["Ferry & pier", "later"]
    assert message.buttons == []
    assert wire.calls("editMessageText")[0]["link_preview_options"] == {"is_disabled": True}


def test_edit_when_nothing_changes_then_it_is_no_error() -> None:
    wire = Wire()
    wire.send(keyboard=KEYBOARD)
    assert edited(wire, PART, KEYBOARD).history == ["Ferry & pier"]
    assert len(wire.server.refused()) == 1
    spot = Spot(chat_id=wire.ann.id, message_id=wire.ann.ours[0].message_id)
    wire.does(lambda sender: sender.edit_keyboard(spot, KEYBOARD))
    assert len(wire.server.refused()) == 2


def test_edit_when_the_markup_is_refused_then_once_more_as_plain_text() -> None:
    wire = Wire()
    wire.send()
    assert edited(wire, Part(html="<b>torn", plain="torn")).text == "torn"


def test_edit_when_the_message_is_gone_then_raises() -> None:
    wire = Wire()
    wire.send()
    message = wire.ann.ours[0]
    message.deleted = True
    spot = Spot(chat_id=wire.ann.id, message_id=message.message_id)
    with pytest.raises(MessageGoneError):
        wire.does(lambda sender: sender.edit_keyboard(spot, None))


def test_typing_when_refused_then_nothing_is_raised() -> None:
    wire = Wire()
    group: Group = wire.server.supergroup("Desk", wire.ann, bot=None)
    wire.does(lambda sender: sender.typing(Target(chat_id=group.id, thread_id=77)))
    assert wire.calls("sendChatAction") == [{"chat_id": group.id, "action": "typing", "message_thread_id": 77}]
    assert len(wire.server.refused()) == 1
