"""Corrections of what stands where we may not speak just now, or where nobody wants to know any more."""

import pytest

from bot.records import PauseReason
from bot.subscriptions import PausedFor
from bot.texts import line
from tests.bot.tg.house import ANSWER, ASKED, House, play
from tests.bot.tg.test_corrections import AGAIN, EDITED, boats, followed, read_digest, replies_to, struck
from tests.bot.tg.test_digests import FERRY, at_eight, digests, states, subscribed, told

pytestmark = pytest.mark.enable_socket


async def carries(house: House, count: int) -> None:
    """Let the source tell another number, and let that be looked at."""
    await told(house, FERRY.replace("640", str(count)))
    await house.server.quiet(for_s=0.8)


def test_digest_when_its_chat_blocks_us_and_returns_then_corrected_once_as_it_stands_by_then() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        digest = await read_digest(house, ann)
        ann.blocks()
        await house.server.quiet(for_s=0.4)
        assert (await house.chat(ann.id)).paused_for is PauseReason.BLOCKED
        for count in (580, 570):
            house.clock.moves(2 * 3600)
            await carries(house, count)
        assert FERRY in digest.text
        assert struck(digest) == []
        ann.starts()
        await house.server.until(lambda: "570" in digest.text, timeout_s=10)
        assert struck(digest) == [FERRY]
        await house.server.until(lambda: replies_to(ann, digest), timeout_s=10)
        await house.server.quiet(for_s=0.5)
        (reply,) = replies_to(ann, digest)
        assert FERRY.replace("640", "580") in struck(reply)
        assert FERRY.replace("640", "570") not in struck(reply)
        assert FERRY.replace("640", "570") in reply.text

    play(scene)


def test_reply_when_it_waits_in_quiet_hours_and_all_changes_again_then_one_comes_that_says_how_it_stands() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        digest = await read_digest(house, ann)
        await house.server.reply_to(ann.says("/subscribe quiet 08:00-20:00"))
        for count in (580, 570):
            house.clock.moves(2 * 3600)
            await carries(house, count)
            await house.server.until(lambda: f" {count} " in digest.text, timeout_s=10)  # noqa: B023  waited for here
        assert replies_to(ann, digest) == []
        house.clock.moves(9 * 3600)
        await house.server.until(lambda: replies_to(ann, digest), timeout_s=10)
        await house.server.quiet(for_s=0.5)
        (reply,) = replies_to(ann, digest)
        assert "570" in reply.text

    play(scene)


def test_digest_when_its_topic_is_deleted_then_nothing_is_said_elsewhere_and_it_rests() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        forum = house.server.supergroup("Desk", ann, forum=True)
        topic = forum.topic("News")
        await subscribed(house, ann, topic)
        answer = await house.server.reply_to(ann.says(f"/ask {ASKED}", to=topic))
        assert ANSWER in answer.text
        house.clock.moves(60)
        await told(house, FERRY)
        await at_eight(house)
        await house.server.until(lambda: digests(topic))
        before = len(forum.ours)
        topic.is_deleted()
        for count, text in ((580, EDITED), (570, AGAIN)):
            house.clock.moves(2 * 3600)
            await boats(house, text)
            await carries(house, count)
        assert len(forum.ours) <= before
        assert [each for each in ann.ours if each.text.startswith("Corrected, of what I sent")] == []
        (held,) = await house.db(lambda store: store.subscriptions(forum.id))
        assert held.paused_for is PausedFor.TOPIC
        assert set(await states(house)) <= {"sent", "dead"}
        assert await house.db(lambda store: store.due_rechecks(now=house.clock(), limit=9)) == ()

    play(scene)


def test_corrections_when_what_was_said_is_forgotten_while_a_word_waits_then_nothing_comes() -> None:
    async def scene(house: House) -> None:
        await followed(house)
        ann = house.server.user("Ann", started=True)
        digest = await read_digest(house, ann)
        for count in (580, 570):
            house.clock.moves(60)
            await carries(house, count)
        assert len(replies_to(ann, digest)) == 1
        ask = await house.server.reply_to(ann.says("/forget"))
        ann.presses(ask, line("button_forget"))
        await house.server.until(lambda: ask.text.startswith(line("forget_done", what="")[:8]), timeout_s=10)
        said = len(ann.ours)
        house.clock.moves(2 * 3600)
        await carries(house, 560)
        assert len(ann.ours) == said
        assert "560" not in digest.text

    play(scene)
