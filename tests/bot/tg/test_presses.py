"""Buttons through the real Application: every press answered at once and once, and what it leads to shown."""

import asyncio

import pytest

from bot.texts import line
from bot.types import Buttons, Incoming, Paragraph, Place, Press, Pressed, ReplyButton
from tests.bot.tg.builders import make_quote, make_reply
from tests.bot.tg.scenes import FakeConversation, make_offers, play
from tests.botapi import Message, Person, Server, too_many_requests

pytestmark = pytest.mark.enable_socket
MORE: Buttons = ((ReplyButton(label="More", key="k1"), ReplyButton(label="Open", start="u1")),)
OTHER: Buttons = (
    (ReplyButton(label="Wrong passage", key="k2"),),
    (ReplyButton(label="Site", url="https://a.example"),),
)


def talk_of(pressed: Pressed) -> FakeConversation:
    return FakeConversation(reply=make_reply(Paragraph(text="Nine."), buttons=MORE), pressed=pressed)


async def answered(server: Server, ann: Person) -> Message:
    return await server.reply_to(ann.says("How many boats?"))


def test_reply_when_it_has_buttons_then_they_stand_under_it() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        message = await answered(server, server.user("Ann"))
        assert [(button.text, button.data, button.url) for button in message.buttons] == [
            ("More", "k1", ""),
            ("Open", "", "https://t.me/dateline_bot?start=u1"),
        ]

    server, _ = play(scene, talk_of(Pressed()))
    assert server.refused() == []


def test_press_when_it_leads_to_a_reply_then_toast_and_reply_come() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        message = await answered(server, ann)
        query = ann.presses(message, "More")
        more = await server.reply_to(message)
        assert more.text == "Ten."
        assert query.answer is not None
        assert (query.answer["text"], query.answer.get("show_alert")) == ("Here is more", None)
        await server.quiet()
        assert talk.told[-1][:3] == ("s2", ann.id, (more.message_id,))

    reply = make_reply(Paragraph(text="Ten."), sent_id="s2")
    _, talk = play(scene, talk_of(Pressed(toast="Here is more", reply=reply)))
    (press,) = talk.presses
    assert (press.key, press.place) == ("k1", Place.PRIVATE)


def test_press_when_it_leads_to_an_edit_then_words_and_buttons_change_in_place() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        message = await answered(server, ann)
        ann.presses(message, "More")
        await server.until(lambda: message.edited_at)
        assert message.history == ["Nine.", "Ten."]
        assert [button.text for button in message.buttons] == ["Wrong passage", "Site"]
        ann.presses(message, "Wrong")  # says that already
        await server.quiet()
        assert len(ann.ours) == 1

    pressed = Pressed(edit=make_reply(Paragraph(text="Ten."), buttons=OTHER))
    server, _ = play(scene, talk_of(pressed))
    assert server.refused()[0].error.startswith("Bad Request: message is not modified")
    assert len(server.calls("answerCallbackQuery")) == 2


def test_press_when_only_the_buttons_change_then_the_words_stay() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        message = await answered(server, ann)
        ann.presses(message, "More")
        await server.until(lambda: len(message.keyboard) == 2)
        assert message.text == "Nine."
        talk.pressed = Pressed(buttons=())
        ann.presses(message, "Wrong")
        await server.until(lambda: not message.buttons)

    play(scene, talk_of(Pressed(buttons=OTHER)))


def test_press_when_the_message_is_too_old_to_edit_then_the_words_come_anew() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        message = await answered(server, ann)
        server.settings.edit_window_s = -1
        ann.presses(message, "More")
        anew = await server.reply_to(message)
        assert (message.history, anew.text) == (["Nine."], "Ten.")

    play(scene, talk_of(Pressed(edit=make_reply(Paragraph(text="Ten.")))))


def test_press_when_the_edit_is_too_long_then_the_rest_follows_with_the_buttons() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        message = await answered(server, ann)
        ann.presses(message, "More")
        rest = await server.reply_to(message)
        assert message.edited_at
        assert (message.buttons, len(rest.buttons)) == ([], 2)
        await server.quiet()
        assert talk.told[-1][2] == (message.message_id, rest.message_id)

    long = make_reply(make_quote("The pier was closed for hours. " * 200), buttons=OTHER)
    play(scene, talk_of(Pressed(edit=long)))


def test_press_when_the_conversation_breaks_then_the_button_still_gets_its_answer_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(press: Press) -> None:
        raise KeyError("a bug")

    async def scene(server: Server, talk: FakeConversation) -> None:
        talk.when_pressed = broken
        ann = server.user("Ann", language="de")
        query = ann.presses(await answered(server, ann), "More")
        await server.until(lambda: query.answer)
        assert query.answer is not None
        assert query.answer["text"] == line("failed", language="de")
        await server.quiet()

    server, _ = play(scene, talk_of(Pressed()))
    assert len(server.calls("answerCallbackQuery")) == 1
    assert "update failed error=KeyError" in caplog.text


def test_press_when_the_conversation_is_late_then_the_button_stops_waiting_and_the_reply_still_comes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("bot.tg.presses.PROMPT_S", 0.1)

    async def slow(press: Press) -> None:
        await asyncio.sleep(0.5)

    async def scene(server: Server, talk: FakeConversation) -> None:
        talk.when_pressed = slow
        ann = server.user("Ann")
        message = await answered(server, ann)
        query = ann.presses(message, "More")
        await server.until(lambda: query.answer)
        assert len(ann.ours) == 1
        await server.reply_to(message)

    server, _ = play(scene, talk_of(Pressed(toast="late", reply=make_reply(Paragraph(text="Ten.")))))
    assert len(server.calls("answerCallbackQuery")) == 1


def test_press_when_it_has_waited_too_long_for_telegram_then_what_it_leads_to_still_comes() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        message = await answered(server, ann)
        server.settings.query_lifetime_s = -1
        ann.presses(message, "More")
        await server.reply_to(message)

    server, _ = play(scene, talk_of(Pressed(reply=make_reply(Paragraph(text="Ten.")))))
    assert "query is too old" in server.refused()[0].error


def test_press_when_a_question_takes_long_then_it_does_not_wait_behind_it() -> None:
    async def slowly(incoming: Incoming) -> None:
        await asyncio.sleep(1.5 if incoming.text == "long one?" else 0)

    async def scene(server: Server, talk: FakeConversation) -> None:
        talk.when = slowly
        ann = server.user("Ann")
        message = await answered(server, ann)
        asked = ann.says("long one?")
        query = ann.presses(message, "More")
        await server.until(lambda: query.answer, timeout_s=1)
        await server.reply_to(asked)

    play(scene, talk_of(Pressed()))


@pytest.mark.parametrize("data", ["", "x" * 64, "k1' or 1=1", "\u202e\0"])
def test_press_when_its_data_is_forged_then_the_conversation_judges_and_it_is_answered(data: str) -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        query = ann.calls_back(await answered(server, ann), data)
        await server.until(lambda: query.answer)

    _, talk = play(scene, talk_of(Pressed(toast="too old", alert=True)))
    assert talk.presses[0].key == data


def test_press_when_the_chat_floods_then_the_toast_does_not_wait() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        message = await answered(server, ann)
        server.fail("sendMessage", too_many_requests(1))
        query = ann.presses(message, "More")
        await server.until(lambda: query.answer, timeout_s=0.9)
        await server.reply_to(message)

    play(scene, talk_of(Pressed(reply=make_reply(Paragraph(text="Ten.")))))


def test_press_when_the_message_was_sent_by_way_of_a_reader_then_it_is_edited_there() -> None:
    talk = FakeConversation(offered=make_offers("The ferry sailed.", buttons=MORE))
    talk.pressed = Pressed(edit=make_reply(Paragraph(text="It sailed at noon.")), reply=make_reply())

    async def scene(server: Server, _: FakeConversation) -> None:
        ann = server.user("Ann")
        elsewhere = server.group("Friends", ann, bot=None)
        query = ann.types_inline("ferry", elsewhere)
        await server.until(lambda: query.answer)
        message = ann.chooses(query, 0, elsewhere)
        ann.presses(message, "More")
        await server.until(lambda: message.edited_at)
        assert message.text == "It sailed at noon."
        await server.quiet()
        assert len(elsewhere.messages) == 1

    play(scene, talk)
    assert talk.presses[0].inline_message_id
    assert talk.presses[0].chat_id is None
