import asyncio
import logging
from datetime import timedelta
from pathlib import Path

import pytest

from bot.actions import Since
from bot.memory import FOLLOW_UP_FOR, REPLY_FOR
from bot.records import SentKind
from bot.settings import ChatSettings, Policy
from bot.texts import line
from bot.types import InlineAsk, Migrated, Place
from index import Answer, Archive, Question, StoreError
from tests.bot.scene import (
    GROUP,
    NOW,
    OUR_NAME,
    QUESTION,
    SOURCE,
    Scene,
    button,
    cited,
    labels,
    play,
    quoted,
    said,
    starts,
)


def test_ask_when_answered_then_it_stands_in_the_ledger_with_its_quotes_and_its_message(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask()
        assert any("3,100" in text for text in quoted(reply))
        assert said(reply)[-1].endswith(f" · id\u00a0{reply.sent_id}")
        sent = await scene.store(lambda store: store.sent(reply.sent_id))
        assert sent is not None
        assert (sent.kind, sent.chat_id, sent.message_ids, sent.asked_by) == (SentKind.ANSWER, 7, (scene.ours,), 7)
        held = await scene.store(lambda store: store.quotes(reply.sent_id))
        assert [one.update_id for one in held] == cited(reply)

    play(tmp_path, act)


def test_ask_when_answered_then_each_citation_has_a_link_into_the_private_chat(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask()
        assert all(start.startswith("u") and len(start) <= 64 for start in starts(reply))
        page = await scene.ask(f"/start {starts(reply)[0]}")
        assert quoted(reply)[0] in quoted(page)[0]
        assert len(quoted(page)[0]) > len(quoted(reply)[0])

    play(tmp_path, act)


def test_ask_when_refused_then_the_honest_no_without_buttons_and_id(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask("Who won the chess championship in Reykjavik?")
        assert said(reply)[0] == line("abstained")
        assert (labels(reply), quoted(reply)) == ([], [])
        assert not any(" · id " in text for text in said(reply))

    play(tmp_path, act, search={})


def test_buttons_when_in_a_group_then_on_in_private_too(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        private = await scene.ask()
        assert labels(private)[-1] == ["Wrong?"]
        group = await scene.ask(f"/ask {QUESTION}", place=Place.GROUP)
        assert labels(group)[-1] == ["Wrong?", "Ask in private"]
        again = await scene.ask(f"/start {button(group, 'Ask in private').start}", user_id=9)
        assert quoted(again) == quoted(group)

    async def after_a_restart(scene: Scene) -> None:
        (link,) = await scene.store(lambda store: [row["key"] for row in store.exported(chat_id=GROUP)["start_links"]])
        assert "3,100" in quoted(await scene.ask(f"/start {link}", user_id=9))[0]

    play(tmp_path, act, after_a_restart)


def test_follow_up_when_soon_or_in_reply_then_it_knows_the_question_before(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask()
        answer = scene.ours
        scene.now = NOW + FOLLOW_UP_FOR * 0.9
        assert said(await scene.ask("more")) != [line("more_of_what")]
        scene.now = NOW + FOLLOW_UP_FOR * 2.1
        assert said(await scene.ask("more")) == [line("more_of_what")]
        assert said(await scene.ask("more", reply_to=answer)) != [line("more_of_what")]
        scene.now = NOW + REPLY_FOR * 1.1
        assert line("no_more") in said(await scene.ask("more", reply_to=answer))

    play(tmp_path, act)


def test_follow_up_when_in_a_group_then_by_reply_only(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask(f"/ask {QUESTION}", place=Place.GROUP)
        answer = scene.ours
        assert said(await scene.ask("/more", place=Place.GROUP)) == [line("more_of_what")]
        replying = await scene.ask("/more", place=Place.GROUP, user_id=9, reply_to=answer)
        assert said(replying) != [line("more_of_what")]

    play(tmp_path, act)


def test_language_when_the_chat_chose_one_then_it_goes_before_the_clients(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert (await scene.ask("/help", language="fr")).language == "fr"
        await scene.store(lambda store: store.put_settings(7, ChatSettings(language="de", zone="Asia/Tokyo"), at=NOW))
        reply = await scene.ask(language="fr")
        assert (reply.language, reply.zone) == ("de", "Asia/Tokyo")
        assert labels(reply)[-1] == [line("button_wrong", language="de")]
        assert "JST" in said(reply)[-1]

    play(tmp_path, act)


def test_bound_when_a_chat_chose_sources_then_it_is_answered_from_those_alone(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask("/help")
        await scene.store(lambda store: store.put_settings(7, ChatSettings(sources=("Elsewhere",)), at=NOW))
        assert quoted(await scene.ask()) == []
        assert said(await scene.ask("/sources")) == [line("sources_none")]

    play(tmp_path, act)


@pytest.mark.parametrize(("policy", "speaks"), [(Policy.OFF, False), (Policy.COMMANDS, True), (Policy.CITED, True)])
def test_policy_when_a_group_chose_one_then_we_hold_to_it(tmp_path: Path, policy: Policy, speaks: bool) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask("/help", place=Place.GROUP)
        await scene.store(lambda store: store.put_settings(GROUP, ChatSettings(policy=policy), at=NOW))
        assert (await scene.say(f"/ask {QUESTION}", place=Place.GROUP) is not None) == speaks
        named = await scene.say(f"@{OUR_NAME} {QUESTION}", place=Place.GROUP)
        assert (named is not None) == (policy is Policy.CITED)

    play(tmp_path, act)


def test_policy_when_only_citing_is_wanted_then_an_abstention_is_not_sent_nor_kept(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask("/help", place=Place.GROUP)
        await scene.store(lambda store: store.put_settings(GROUP, ChatSettings(policy=Policy.CITED), at=NOW))
        assert await scene.say("/ask Who won the chess championship in Reykjavik?", place=Place.GROUP) is None
        assert (await scene.store(lambda store: store.status())).sent == {}

    play(tmp_path, act, search={})


def test_limits_when_someone_asks_too_fast_then_told_once_how_long_to_wait(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        for _ in range(2):
            assert quoted(await scene.ask())
        assert "wait" in said(await scene.ask())[0]
        assert await scene.say(QUESTION) is None
        scene.now = NOW + timedelta(minutes=2)
        assert quoted(await scene.ask())

    play(tmp_path, act, limits={"user_per_minute": 2})


def test_since_when_first_then_a_day_and_then_only_what_is_new(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        first = said(await scene.ask("/since"))
        assert first[0] == line("since_first")
        assert first[1] == "20 new updates since 17 June 2026, 12:30 UTC:"
        assert said(await scene.ask("/since")) == ["Nothing new since 18 June 2026, 12:30 UTC."]
        assert "41 new updates" in said(await scene.ask("/since yesterday"))[0]
        assert said(await scene.ask("/since blue")) == [line("since_unread", text="blue")]

    async def after_a_restart(scene: Scene) -> None:
        assert said(await scene.ask("/since")) == ["Nothing new since 18 June 2026, 12:30 UTC."]
        assert said(await scene.ask("/since", user_id=8))[0] == line("since_first")

    play(tmp_path, act, after_a_restart)


def test_since_when_the_reply_did_not_leave_then_the_same_is_new_again(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        incoming = scene.incoming("/since", place=Place.PRIVATE)
        for _ in range(2):
            reply = await scene.desk.handle(Since(), incoming, NOW)
            assert reply is not None
            assert said(reply)[0] == line("since_first")
            await scene.desk.unsent(reply.sent_id)

    play(tmp_path, act)


def test_start_when_a_key_is_forged_then_the_first_page(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        for key in ("u", "a" * 64, "s00000000000", "'; drop table sent; --"):
            assert said(await scene.ask(f"/start {key}")) == [line("start")]

    play(tmp_path, act)


def test_abstention_when_the_chat_is_bound_then_it_says_what_alone_was_searched(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        nowhere = "Who won the chess championship in Reykjavik?"
        assert not any("Searched only" in text for text in said(await scene.ask(nowhere)))
        await scene.store(lambda store: store.put_settings(7, ChatSettings(sources=(SOURCE,)), at=NOW))
        assert said(await scene.ask(nowhere))[1] == line("searched_only", names=SOURCE)

    play(tmp_path, act, search={})


def test_help_when_in_a_chat_then_what_chats_can_too(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert said(await scene.ask("/help")) == [line("help"), line("help_chat")]
        assert said(await scene.ask("/help", place=Place.TERMINAL, user_id=0)) == [line("help"), line("help_terminal")]
        assert "/since" in line("help")
        assert "/verify" in line("help")

    play(tmp_path, act)


def test_terminal_when_answered_then_buttons_are_words_and_they_work(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask(place=Place.TERMINAL, user_id=0)
        assert {each.key for row in reply.buttons for each in row} == {"context", "since"}
        context = await scene.ask("context 1", place=Place.TERMINAL, user_id=0)
        assert said(context)[0] == line("context")
        assert len(quoted(context)) == 1
        assert await scene.say("since 1", place=Place.TERMINAL, user_id=0) is not None
        assert await scene.store(lambda store: store.exported(chat_id=0).get("buttons", ())) == ()

    play(tmp_path, act)


def test_trouble_when_the_archive_fails_then_a_line_and_a_log_without_the_question(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(archive: Archive, question: Question) -> Answer:
        raise StoreError("news.db is locked")

    monkeypatch.setattr(Archive, "ask", failing)

    async def act(scene: Scene) -> None:
        assert said(await scene.ask("a private matter")) == [line("unavailable")]

    with caplog.at_level(logging.DEBUG):
        play(tmp_path, act)
    assert "news.db is locked" in caplog.text
    assert "private matter" not in caplog.text


PRIVATE = [{"name": SOURCE, "url": "https://kalvenna-courier.example/live", "public": False}]


def test_source_when_it_is_private_then_chats_see_nothing_of_it_but_those_bound_to_it(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert quoted(await scene.ask()) == []
        assert (await scene.desk.offers(InlineAsk(user_id=7, text=QUESTION), NOW)).offers[0].title == line(
            "inline_none"
        )
        assert quoted(await scene.ask(place=Place.TERMINAL, user_id=0))
        await scene.ask("/help", place=Place.GROUP)
        await scene.store(lambda store: store.put_settings(GROUP, ChatSettings(sources=(SOURCE,)), at=NOW))
        reply = await scene.ask(f"/ask {QUESTION}", place=Place.GROUP)
        assert quoted(reply)
        assert said(await scene.ask(f"/start {starts(reply)[0]}")) == [line("update_unknown")]

    play(tmp_path, act, sources=PRIVATE)


def test_questions_when_too_many_wait_then_busy_rather_than_piling_up(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        several = await asyncio.gather(*(scene.ask(user_id=number) for number in range(10, 20)))
        busy = [reply for reply in several if said(reply) == [line("busy_full")]]
        assert len(busy) == 7
        assert len({reply.sent_id for reply in several if reply not in busy}) == 3
        assert quoted(await scene.ask(user_id=30))

    play(tmp_path, act, limits={"questions_waiting": 3})


def test_group_when_it_moves_then_its_buttons_and_answers_move_along(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask(f"/ask {QUESTION}", place=Place.GROUP)
        await scene.desk.migrated(Migrated(old_chat_id=GROUP, new_chat_id=-200))
        pressed = await scene.press(reply, "Show context", place=Place.GROUP, chat_id=-200)
        assert pressed.reply is not None

    play(tmp_path, act)


def test_ask_when_many_ask_at_once_then_each_has_its_answer_and_they_were_encoded_together(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        replies = await asyncio.gather(*(scene.ask(QUESTION) for _ in range(6)))
        assert len({reply.sent_id for reply in replies}) == 6
        assert len({tuple(quoted(reply)) for reply in replies}) == 1

    play(tmp_path, act)
