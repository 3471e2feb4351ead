"""Inline questions and guest mentions through the real Application."""

import asyncio
from dataclasses import replace

import pytest

from bot.texts import line
from bot.types import Offers, Paragraph, Place
from tests.bot.tg.builders import make_quote, make_reply
from tests.bot.tg.scenes import HOSTILE, FakeConversation, make_offers, play
from tests.bot.tg.test_presses import MORE
from tests.botapi import Server, bad_request

pytestmark = pytest.mark.enable_socket


def test_inline_when_typed_then_quotes_with_citation_time_and_a_way_into_private() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann", language="de")
        elsewhere = server.group("Friends", ann, bot=None)
        query = ann.types_inline("ferry", elsewhere)
        await server.until(lambda: query.answer)
        assert query.answer is not None
        assert (query.answer["is_personal"], query.answer["cache_time"]) == (True, 30)
        assert [result["id"] for result in query.results] == ["s0", "s1"]
        assert query.button == {"text": "Ask in private", "start_parameter": "inline"}
        message = ann.chooses(query, 0, elsewhere)
        assert message.of("blockquote") == [HOSTILE]
        assert message.of("date_time") == ["4 May 2031, 09:30 UTC"]
        assert message.wording.preview == {"is_disabled": True}
        await server.until(lambda: talk.inline)
        assert talk.inline == [("s0", message.inline_message_id)]
        assert ann.opens_offers_button(query).text == "/start inline"

    server, talk = play(scene, FakeConversation(offered=make_offers(HOSTILE, "The ferry sailed.", buttons=MORE)))
    assert [ask.language for ask in talk.asked_inline] == ["de"]
    assert server.refused() == []


def test_inline_when_a_result_has_no_buttons_then_telegram_names_no_message_and_nobody_minds() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        query = ann.types_inline("ferry")
        await server.until(lambda: query.answer)
        ann.chooses(query, 0)
        await server.quiet()

    _, talk = play(scene, FakeConversation(offered=make_offers("The ferry sailed.")))
    assert (talk.inline, talk.handled) == ([], [])


def test_inline_when_typed_letter_by_letter_then_only_the_last_is_answered() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann, bob = server.user("Ann"), server.user("Bob")
        typed = [ann.types_inline("ferry"[:length]) for length in range(1, 6)]
        other = bob.types_inline("pier")
        await server.until(lambda: typed[-1].answer and other.answer)
        await asyncio.sleep(0.4)
        assert [query.answer is None for query in typed] == [True] * 4 + [False]

    _, talk = play(scene, FakeConversation(offered=make_offers("The ferry sailed.")))
    assert sorted(ask.text for ask in talk.asked_inline) == ["ferry", "pier"]


def test_inline_when_a_title_shows_nothing_then_it_has_one_of_ours() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        query = server.user("Ann").types_inline("ferry")
        await server.until(lambda: query.answer)
        assert [result["title"] for result in query.results] == [line("inline_title"), "Ferrysails"]

    offers = make_offers("The ferry sailed.", "Again.").offers
    titled = (replace(offers[0], title="\u202e \u200b"), replace(offers[1], title="Ferry\u202esails"))
    play(scene, FakeConversation(offered=Offers(offers=titled)))


def test_inline_when_there_is_nothing_then_an_empty_answer() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        query = server.user("Ann").types_inline("zebra")
        await server.until(lambda: query.answer)
        assert (query.results, query.button) == ([], None)

    play(scene, FakeConversation(offered=Offers()))


def test_inline_when_markup_is_refused_then_the_plain_text_goes() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        server.fail("answerInlineQuery", bad_request("can't parse entities: oh"))
        ann = server.user("Ann")
        query = ann.types_inline("ferry")
        await server.until(lambda: query.answer)
        assert f"“{HOSTILE}”" in ann.chooses(query, 0).text

    play(scene, FakeConversation(offered=make_offers(HOSTILE)))


def test_inline_when_telegram_waits_no_longer_then_it_is_only_noted(caplog: pytest.LogCaptureFixture) -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        server.settings.query_lifetime_s = -1
        server.user("Ann").types_inline("ferry")
        await server.until(lambda: server.refused())

    play(scene, FakeConversation(offered=make_offers("The ferry sailed.")))
    assert "not sent" not in caplog.text


def test_guest_when_mentioned_in_a_foreign_chat_then_one_whole_answer_stands_there() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        foreign = server.supergroup("Elsewhere", ann, bot=None)
        query = ann.asks_as_guest("@dateline_bot how many boats?", foreign)
        await server.until(lambda: talk.inline)
        assert query.answer is not None
        assert query.answer.of("blockquote") == [HOSTILE]
        assert talk.inline == [("s1", query.answer.inline_message_id)]
        assert len(foreign.ours) == 1

    reply = make_reply(make_quote(HOSTILE), Paragraph(text="That is all."), sent_id="s1")
    server, talk = play(scene, FakeConversation(reply=reply))
    (guest,) = talk.guests
    assert (guest.place, guest.mentions_us, guest.text) == (Place.GUEST, True, "@dateline_bot how many boats?")
    assert talk.handled == []
    assert server.refused() == []


def test_guest_when_telegram_waits_no_longer_then_the_answer_is_taken_back() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        server.settings.query_lifetime_s = -1
        ann.asks_as_guest("@dateline_bot how many boats?", server.supergroup("Elsewhere", ann, bot=None))
        await server.until(lambda: talk.unsents)

    play(scene, FakeConversation(reply=make_reply(make_quote(HOSTILE), sent_id="s1")))
