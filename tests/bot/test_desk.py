import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot.desk import FOLLOW_UP_FOR, REPLY_FOR, Desk
from bot.texts import line
from bot.types import Ask, Latest, More, Page, Paragraph, Place, Quote, Reply, Say, Sources, Topic
from bot.workers import Worker
from index import Previous, Question, StoreError
from tests.bot.builders import NOW, make_answer, make_citation, make_excerpt, make_incoming, make_source, make_status
from tests.bot.fakes import FakeArchive


def at_desk(archive: FakeArchive, talk: Callable[[Desk], Awaitable[None]], zone: str = "UTC") -> None:
    async def opened() -> None:
        async with Worker("archive", lambda: archive) as worker:
            await talk(Desk(worker, zone=zone))

    asyncio.run(opened())


def said(reply: Reply) -> list[str]:
    return [block.text for block in reply.blocks if isinstance(block, Paragraph)]


def test_ask_when_answered_then_quotes_and_how_fresh() -> None:
    async def talk(desk: Desk) -> None:
        reply = await desk.handle(Ask(question="How many ferries?"), make_incoming(), NOW)
        assert [block.excerpt.text for block in reply.blocks if isinstance(block, Quote)] == [
            "Nine ferries sailed before noon."
        ]
        assert said(reply) == ["As of 4 May 2031, 10:30 BST; sources last checked 2 minutes ago."]
        assert reply.zone == "Europe/London"

    archive = FakeArchive()
    at_desk(archive, talk, zone="Europe/London")
    (question,) = archive.questions
    assert (question.text, question.now, question.zone) == ("How many ferries?", NOW, "Europe/London")
    assert question.previous is None


def test_ask_when_the_same_person_asks_again_soon_in_private_then_it_follows() -> None:
    async def talk(desk: Desk) -> None:
        await desk.handle(Ask(question="one"), make_incoming(message_id=1), NOW)
        await desk.handle(Ask(question="two"), make_incoming(message_id=3), NOW + FOLLOW_UP_FOR)
        await desk.handle(Ask(question="three"), make_incoming(message_id=5), NOW + FOLLOW_UP_FOR * 2.1)

    archive = FakeArchive(answer=make_answer(make_excerpt(), make_excerpt(citation=make_citation("e2"))))
    at_desk(archive, talk)
    assert [question.previous for question in archive.questions] == [
        None,
        Previous(question="one", cited=("e1", "e2"), asked_at=NOW),
        None,
    ]


def test_ask_when_somebody_else_asks_in_the_same_chat_then_it_does_not_follow() -> None:
    async def talk(desk: Desk) -> None:
        await desk.handle(Ask(question="one"), make_incoming(user_id=7), NOW)
        await desk.handle(Ask(question="two"), make_incoming(user_id=8, message_id=2), NOW)

    archive = FakeArchive()
    at_desk(archive, talk)
    assert archive.questions[1].previous is None


def test_ask_when_in_a_group_then_only_a_reply_follows() -> None:
    async def talk(desk: Desk) -> None:
        first = make_incoming(place=Place.GROUP, message_id=1)
        await desk.handle(Ask(question="one"), first, NOW)
        desk.remember(7, 2, first)
        await desk.handle(Ask(question="two"), make_incoming(place=Place.GROUP, message_id=3), NOW)
        by_another = make_incoming(place=Place.GROUP, user_id=8, message_id=4, reply_to_us=True, reply_to_message_id=2)
        await desk.handle(Ask(question="three"), by_another, NOW + timedelta(hours=3))

    archive = FakeArchive()
    at_desk(archive, talk)
    assert [question.previous for question in archive.questions] == [
        None,
        None,
        Previous(question="one", cited=("e1",), asked_at=NOW),
    ]


def test_ask_when_it_replies_to_an_older_answer_then_that_one_is_followed() -> None:
    async def talk(desk: Desk) -> None:
        for number, question in ((1, "one"), (3, "two")):
            incoming = make_incoming(message_id=number)
            await desk.handle(Ask(question=question), incoming, NOW)
            desk.remember(7, number + 1, incoming)
        replying = make_incoming(message_id=5, reply_to_us=True, reply_to_message_id=2)
        await desk.handle(Ask(question="three"), replying, NOW)

    archive = FakeArchive()
    at_desk(archive, talk)
    assert archive.questions[2].previous == Previous(question="one", cited=("e1",), asked_at=NOW)


def test_ask_when_the_answer_it_replies_to_is_too_old_then_it_does_not_follow() -> None:
    async def talk(desk: Desk) -> None:
        first = make_incoming(place=Place.GROUP, message_id=1)
        await desk.handle(Ask(question="one"), first, NOW)
        desk.remember(7, 2, first)
        late = make_incoming(place=Place.GROUP, message_id=4, reply_to_us=True, reply_to_message_id=2)
        await desk.handle(Ask(question="two"), late, NOW + REPLY_FOR * 1.01)

    archive = FakeArchive()
    at_desk(archive, talk)
    assert archive.questions[1].previous is None


def test_memory_when_questions_are_many_then_it_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.desk.EXCHANGES", 3)

    async def talk(desk: Desk) -> None:
        for number in range(8):
            await desk.handle(Ask(question=str(number)), make_incoming(message_id=number, user_id=number), NOW)
        replying = make_incoming(message_id=9, user_id=99, reply_to_message_id=0)
        await desk.handle(Ask(question="gone"), replying, NOW)
        replying = make_incoming(message_id=10, user_id=98, reply_to_message_id=7)
        await desk.handle(Ask(question="kept"), replying, NOW)

    archive = FakeArchive()
    at_desk(archive, talk)
    assert archive.questions[8].previous is None
    assert archive.questions[9].previous == Previous(question="7", cited=("e1",), asked_at=NOW)


def more_of(*questions: Question) -> list[tuple[str, tuple[str, ...]]]:
    """Return what each question followed: the words, and what was shown of it."""
    return [(one.previous.question, one.previous.cited) if one.previous else ("", ()) for one in questions]


def test_more_when_it_follows_an_answer_then_the_same_question_without_what_was_shown() -> None:
    async def talk(desk: Desk) -> None:
        await desk.handle(Ask(question="one"), make_incoming(message_id=1), NOW)
        reply = await desk.handle(More(), make_incoming(message_id=3), NOW + timedelta(minutes=1))
        assert [block.excerpt.citation.update_id for block in reply.blocks if isinstance(block, Quote)] == ["e1"]
        assert reply.more == 2

    archive = FakeArchive(answer=make_answer(make_excerpt(), more=2))
    at_desk(archive, talk)
    assert [question.text for question in archive.questions] == ["one", "more"]
    assert more_of(*archive.questions) == [("", ()), ("one", ("e1",))]


def test_more_when_nothing_came_before_or_too_long_ago_then_it_asks_of_what() -> None:
    async def talk(desk: Desk) -> None:
        assert said(await desk.handle(More(), make_incoming(), NOW)) == [line("more_of_what")]
        await desk.handle(Ask(question="one"), make_incoming(message_id=1), NOW)
        late = await desk.handle(More(), make_incoming(message_id=2), NOW + FOLLOW_UP_FOR * 1.1)
        assert said(late) == [line("more_of_what")]

    at_desk(FakeArchive(), talk)


def test_more_when_in_a_group_then_of_the_answer_that_it_replies_to_and_of_no_other() -> None:
    async def talk(desk: Desk) -> None:
        first = make_incoming(place=Place.GROUP, message_id=1)
        await desk.handle(Ask(question="one"), first, NOW)
        desk.remember(7, 2, first)
        alone = await desk.handle(More(), make_incoming(place=Place.GROUP, message_id=3), NOW)
        assert said(alone) == [line("more_of_what")]
        replying = make_incoming(place=Place.GROUP, message_id=4, user_id=8, reply_to_us=True, reply_to_message_id=2)
        await desk.handle(More(), replying, NOW)

    archive = FakeArchive()
    at_desk(archive, talk)
    assert more_of(*archive.questions) == [("", ()), ("one", ("e1",))]


def test_more_when_the_newest_were_shown_then_further_ones_of_the_same_topic() -> None:
    async def talk(desk: Desk) -> None:
        await desk.handle(Latest(topic="fire"), make_incoming(message_id=1), NOW)
        reply = await desk.handle(More(), make_incoming(message_id=3), NOW)
        assert line("last_of_it") in said(reply)

    archive = FakeArchive()
    at_desk(archive, talk)
    assert archive.latest_calls == [("fire", "UTC", ()), ("fire", "UTC", ("e1",))]


def test_more_when_there_is_none_then_it_says_so_and_names_what_is_near() -> None:
    async def talk(desk: Desk) -> None:
        await desk.handle(Ask(question="one"), make_incoming(message_id=1), NOW)
        assert said(await desk.handle(More(), make_incoming(message_id=3), NOW))[:2] == [
            line("no_more"),
            line("nearest"),
        ]

    at_desk(FakeArchive(answer=make_answer(nearest=[make_citation("e3", number=3)])), talk)


def test_latest_when_asked_then_the_topic_reaches_the_archive() -> None:
    async def talk(desk: Desk) -> None:
        reply = await desk.handle(Latest(topic="fire"), make_incoming(), NOW)
        assert said(reply)[0] == "The newest updates on “fire”:"

    archive = FakeArchive()
    at_desk(archive, talk, zone="Europe/Kyiv")
    assert archive.latest_calls == [("fire", "Europe/Kyiv", ())]


def test_sources_when_asked_then_each_with_its_last_look() -> None:
    async def talk(desk: Desk) -> None:
        (text,) = said(await desk.handle(Sources(), make_incoming(), NOW))
        assert "Harbour Gazette: 5 updates, the newest of 4 May 2031, 09:30 UTC; last checked 3 minutes ago" in text
        assert "Empty Feed: no updates yet. The last look failed." in text
        assert "secret detail" not in text

    status = make_status(make_source(), make_source("Empty Feed", newest=None, error="secret detail"))
    at_desk(FakeArchive(status=status), talk)


def test_pages_and_lines_when_asked_then_the_text() -> None:
    async def talk(desk: Desk) -> None:
        assert said(await desk.handle(Page(topic=Topic.PRIVACY), make_incoming(), NOW)) == [line("privacy")]
        assert said(await desk.handle(Say(line="thanks"), make_incoming(), NOW)) == [line("thanks")]

    at_desk(FakeArchive(), talk)


def test_ask_when_the_archive_fails_then_a_line_and_a_log_without_the_question(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def talk(desk: Desk) -> None:
        reply = await desk.handle(Ask(question="a private matter"), make_incoming(), NOW)
        assert said(reply) == [line("unavailable")]

    with caplog.at_level(logging.DEBUG):
        at_desk(FakeArchive(failure=StoreError("news.db is locked")), talk)
    assert "news.db is locked" in caplog.text
    assert "private matter" not in caplog.text


def test_ask_when_the_archive_refuses_the_question_then_we_ask_for_another() -> None:
    async def talk(desk: Desk) -> None:
        reply = await desk.handle(Ask(question="refuse this"), make_incoming(), NOW)
        assert said(reply) == [line("empty_question")]

    at_desk(FakeArchive(), talk)
