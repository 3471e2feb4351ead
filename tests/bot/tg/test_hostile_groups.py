"""Groups that mean harm, calls that go wrong, forged webhook calls: the others are answered, and no secret is told."""

import asyncio
import logging

import httpx
import pytest

from bot.config import TelegramMode
from bot.tg.webhook import SECRET_HEADER
from tests.bot.tg.builders import make_message
from tests.bot.tg.hostility import is_harmless, quotes
from tests.bot.tg.house import ANSWER, ASKED, House, play
from tests.bot.tg.scenes import PUBLIC, SECRET, FakeConversation
from tests.bot.tg.scenes import play as play_edge
from tests.botapi import Drop, Server, bad_request

pytestmark = pytest.mark.enable_socket

OVERRIDE = "\N{RIGHT-TO-LEFT OVERRIDE}"


def test_group_when_its_title_is_markup_then_our_words_stay_ours() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await house.server.reply_to(ann.starts())
        title = f"</b><a href='tg://x'>{OVERRIDE}@everyone https://evil.example /forget"
        group = house.server.supergroup(title, ann)
        panel = await house.server.reply_to(ann.says("/settings", to=group))
        assert is_harmless(panel)
        found = {entity["type"] for entity in panel.entities}
        assert found.isdisjoint({"url", "mention", "bot_command", "text_link"}), found
        group.is_renamed("\N{CYRILLIC SMALL LETTER A}" * 200)
        assert is_harmless(await house.server.reply_to(ann.says("/settings", to=group)))

    assert play(scene).refused() == []


def test_group_when_we_are_muted_while_answering_then_the_others_are_answered() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        group = house.server.supergroup("Desk", ann)
        house.server.fail("sendMessage", bad_request("not enough rights to send text messages to the chat"))
        ann.says(f"/ask {ASKED}", to=group)
        await house.server.quiet(for_s=0.7)
        assert group.ours == []
        assert quotes(await house.server.reply_to(ann.says(ASKED))) == [ANSWER]
        assert quotes(await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))) == [ANSWER]

    play(scene)


def test_group_when_it_migrates_while_answering_then_the_answer_follows_it() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        group = house.server.group("Desk", ann)
        await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))
        ann.says("/ask Who was injured in the collision at the quay?", to=group)
        moved = group.migrates()
        await house.server.until(lambda: group.ours[1:] or moved.ours, timeout_s=10)
        await house.server.quiet(for_s=0.7)
        said = [*group.ours[1:], *moved.ours]
        assert [any("Four passengers" in quote for quote in quotes(one)) for one in said] == [True]
        assert quotes(await house.server.reply_to(ann.says(f"/ask {ASKED}", to=moved))) == [ANSWER]

    play(scene)


def test_group_when_the_topic_is_deleted_while_answering_then_nothing_is_said_elsewhere() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        group = house.server.supergroup("Desk", ann, forum=True)
        topic = group.topic("Fires")
        ann.says(f"/ask {ASKED}", to=topic)
        topic.is_deleted()
        await house.server.quiet(for_s=0.7)
        assert all(message.thread_id == topic.thread_id for message in group.ours)
        assert quotes(await house.server.reply_to(ann.says(ASKED))) == [ANSWER]

    play(scene)


def test_group_when_everything_fails_in_turn_then_the_next_question_is_answered() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        group = house.server.supergroup("Desk", ann)
        house.server.fail("sendMessage", Drop.BEFORE, Drop.AFTER, bad_request("can't parse entities: oops"))
        for _ in range(3):
            ann.says(f"/ask {ASKED}", to=group)
        await house.server.quiet(for_s=1.5, timeout_s=20)
        assert len(group.ours) <= 3
        assert quotes(await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))) == [ANSWER]

    play(scene)


# The token


def test_token_when_everything_goes_wrong_then_it_is_nowhere(
    caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)

    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        faults = (Drop.BEFORE, Drop.AFTER, bad_request("chat not found"), bad_request("can't parse entities"))
        house.server.fail("sendMessage", *faults)
        house.server.fail("getUpdates", Drop.BEFORE, Drop.AFTER)
        for _ in range(4):
            ann.says(ASKED)
        await house.server.quiet(for_s=1.5, timeout_s=20)
        await house.server.goes_down()
        await asyncio.sleep(0.5)
        await house.server.comes_back()
        assert quotes(await house.server.reply_to(ann.says(ASKED), timeout_s=20)) == [ANSWER]
        assert all(house.server.token not in text for text in ann.texts)

    server = play(scene)
    printed = capsys.readouterr()
    everything = caplog.text + printed.out + printed.err + "".join(str(one.exc_info) for one in caplog.records)
    secret = server.token.partition(":")[2]
    assert len(caplog.records) > 10
    assert secret not in everything


# The webhook


def test_webhook_when_secrets_are_forged_then_nothing_is_taken_and_the_token_is_not_told(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)

    async def scene(server: Server, talk: FakeConversation) -> None:
        await server.reply_to(server.user("Ann").says("How many boats?"))
        target = f"{server.core.webhook.routes[PUBLIC]}/hook"
        forged = {"update_id": 1, "message": make_message("How many boats?")}
        async with httpx.AsyncClient() as client:
            for secret in (None, "", SECRET[:-1], SECRET + "x", SECRET.upper(), "\u00e9", "x" * 5000):
                headers = httpx.Headers([] if secret is None else [(SECRET_HEADER.encode(), secret.encode())])
                refused = await client.post(target, json=forged, headers=headers)
                assert refused.status_code in (400, 403, 431), secret
                assert server.token not in refused.text
                assert SECRET not in refused.text
        await server.quiet()

    server, talk = play_edge(scene, mode=TelegramMode.WEBHOOK)
    assert len(talk.handled) == 1
    assert server.token.partition(":")[2] not in caplog.text
    assert SECRET not in caplog.text
