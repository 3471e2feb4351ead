"""Groups and topics, through the real Application against the strict server: who is answered, where, and who is not."""

from datetime import timedelta

import pytest

from bot.config import LimitsConfig
from bot.records import PauseReason
from bot.settings import ChatSettings, Policy
from bot.texts import line
from tests.bot.tg.house import ANSWER, ASKED, UNSAID, House, play
from tests.botapi import Message

pytestmark = pytest.mark.enable_socket


async def choose(house: House, chat_id: int, policy: Policy) -> None:
    await house.db(lambda store: store.put_settings(chat_id, ChatSettings(policy=policy), at=house.clock()))


def quotes(message: Message) -> list[str]:
    return message.of("blockquote") + message.of("expandable_blockquote")


def test_group_when_we_are_added_then_one_introduction_and_again_none() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", language="de")
        group = house.server.supergroup("Desk", ann, bot=None)
        group.adds_bot(by=ann)
        await house.server.until(lambda: group.ours)
        group.removes_bot()
        await house.server.quiet()
        assert (await house.chat(group.id)).paused_for is PauseReason.KICKED
        group.adds_bot(by=ann)
        await house.server.quiet()
        assert (await house.chat(group.id)).paused_for is None
        assert group.texts == [line("introduction_group", language="de")]

    assert play(scene).refused() == []


def test_group_when_addressed_then_answered_in_one_message_as_a_reply() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        group = house.server.supergroup("Desk", ann)
        for text in (f"/ask {ASKED}", f"/ask@dateline_bot {ASKED}"):
            answer = await house.server.reply_to(ann.says(text, to=group))
            assert quotes(answer) == [ANSWER]
        followed = await house.server.reply_to(ann.replies(answer, "Who was injured in the collision at the quay?"))
        assert any("Four passengers" in quote for quote in quotes(followed))
        await house.server.quiet()
        assert len(group.ours) == 3

    assert play(scene).refused() == []


def test_group_when_others_are_spoken_to_then_silence_and_nothing_is_kept() -> None:
    async def scene(house: House) -> None:
        ann, bob = house.server.user("Ann"), house.server.user("Bob")
        group = house.server.supergroup("Desk", ann, bob)
        group.promotes_bot()  # so that all of it is delivered
        await house.server.until(lambda: group.ours)
        ann.says(ASKED, to=group)
        ann.says(f"/ask@other_bot {ASKED}", to=group)
        ann.says("/settings@other_bot", to=group)
        ann.says("/weather", to=group)
        bob.replies(ann.says("more"), "thanks")
        ann.says("See @dateline_botany", to=group)
        await house.server.quiet()
        assert group.texts == [line("introduction_group")]
        assert group.actions == []

    assert play(scene).refused() == []


def test_group_when_ask_replies_to_somebodys_message_then_it_is_about_that_text() -> None:
    async def scene(house: House) -> None:
        ann, bob = house.server.user("Ann"), house.server.user("Bob")
        group = house.server.supergroup("Desk", ann, bob)
        said = bob.says(ASKED, to=group)
        answer = await house.server.reply_to(ann.replies(said, "/ask"))
        assert quotes(answer) == [ANSWER]

    assert play(scene).refused() == []


def test_group_when_mentioned_where_delivered_then_answered() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        group = house.server.supergroup("Desk", ann)
        group.promotes_bot()
        await house.server.until(lambda: group.ours)
        for text in (f"@dateline_bot {ASKED}", f"Hey @Dateline_Bot, {ASKED}"):
            assert quotes(await house.server.reply_to(ann.says(text, to=group))) == [ANSWER]

    assert play(scene).refused() == []


@pytest.mark.parametrize(
    ("policy", "command", "reply", "unsaid"),
    [
        (Policy.MENTIONS, True, True, True),
        (Policy.COMMANDS, True, False, True),
        (Policy.CITED, True, True, False),
        (Policy.OFF, False, False, False),
    ],
)
def test_group_when_it_has_a_policy_then_that_holds(policy: Policy, command: bool, reply: bool, unsaid: bool) -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        group = house.server.supergroup("Desk", ann)
        ours = await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))
        await choose(house, group.id, policy)
        asked = [
            ann.says(f"/ask {ASKED}", to=group),
            ann.replies(ours, ASKED),
            ann.says(f"/ask {UNSAID}", to=group),
        ]
        await house.server.quiet(for_s=0.8)
        answered = [any(one.reply_to is message for one in group.ours) for message in asked]
        assert answered == [command, reply, unsaid]

    assert play(scene).refused() == []


def test_thread_when_ann_follows_bobs_answer_then_it_is_hers_and_bobs_next_is_unaffected() -> None:
    async def scene(house: House) -> None:
        ann, bob = house.server.user("Ann"), house.server.user("Bob")
        group = house.server.supergroup("Desk", ann, bob)
        bobs = await house.server.reply_to(bob.says(f"/ask {ASKED}", to=group))
        anns = await house.server.reply_to(ann.replies(bobs, "and since then?"))
        assert ANSWER not in quotes(anns)
        plain = await house.server.reply_to(bob.says("/more", to=group))
        assert plain.text == line("more_of_what"), "nothing was replied to: in a group only replies follow"
        assert not quotes(plain)

    assert play(scene).refused() == []


def test_topic_when_asked_in_one_then_answered_in_it_and_general_has_no_number() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        group = house.server.supergroup("Desk", ann, forum=True)
        fires = group.topic("Fires")
        answer = await house.server.reply_to(ann.says(f"/ask {ASKED}", to=fires))
        assert answer.thread_id == fires.thread_id
        again = await house.server.reply_to(ann.replies(answer, "and how many passengers were injured?"))
        assert again.thread_id == fires.thread_id
        general = await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))
        assert general.thread_id in (None, 1)
        sent = [call.parameters for call in house.server.calls("sendMessage")]
        assert [given.get("message_thread_id") for given in sent] == [fires.thread_id, fires.thread_id, None]

    assert play(scene).refused() == []


def test_topic_when_closed_then_an_admin_who_knows_us_is_told_in_private() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await house.server.reply_to(ann.starts())
        group = house.server.supergroup("Desk", ann, forum=True)
        fires = group.topic("Fires")
        await house.server.reply_to(ann.says(f"/ask {ASKED}", to=fires))
        asked = ann.says(f"/ask {ASKED}", to=fires)
        fires.topic_state.closed = True
        told = line("topic_closed", chat="Desk")
        await house.server.until(
            lambda: ann.texts[-1] == told or any(one.reply_to is asked for one in fires.ours), timeout_s=20
        )

    play(scene)


def test_group_when_it_becomes_a_supergroup_then_its_settings_stand_and_nobody_is_greeted_again() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        group = house.server.group("Desk", ann, bot=None)
        group.adds_bot()
        await house.server.until(lambda: group.ours)
        await choose(house, group.id, Policy.CITED)
        moved = group.migrates()
        await house.server.quiet()
        assert (await house.chat(moved.id)).settings.policy is Policy.CITED
        assert await house.db(lambda store: store.chat(group.id)) is None
        assert quotes(await house.server.reply_to(ann.says(f"/ask {ASKED}", to=moved))) == [ANSWER]
        assert len(moved.ours) == 1

    assert play(scene).refused() == []


def test_flood_when_one_asks_a_hundred_times_then_a_few_answers_and_one_line() -> None:
    async def scene(house: House) -> None:
        ann, bob = house.server.user("Ann"), house.server.user("Bob")
        group = house.server.supergroup("Desk", ann, bob)
        for _ in range(100):
            ann.says(f"/ask {ASKED}", to=group)
        await house.server.quiet(for_s=0.8, timeout_s=20)
        waits = line("slow_down", count=20)
        assert sum(waits in text for text in group.texts) == 1
        assert len(group.ours) == 3 + 1
        assert quotes(await house.server.reply_to(bob.says(f"/ask {ASKED}", to=group))) == [ANSWER]
        await house.server.reply_to(ann.says("/help", to=group))
        house.clock.moves(timedelta(minutes=1).total_seconds())
        assert quotes(await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))) == [ANSWER]

    assert play(scene, limits=LimitsConfig(user_per_minute=3, chat_per_minute=20)).refused() == []


def test_hostile_group_when_all_comes_at_once_then_we_stay_calm() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        group = house.server.supergroup("Desk", ann, forum=True)
        topic = group.topic("Fires")
        for number in range(10):
            group.is_renamed("\N{RIGHT-TO-LEFT OVERRIDE}</b>https://evil.example " + "x" * number)
            group.promotes_bot()
            ann.says(f"/ask {ASKED}", to=topic)
            group.demotes_bot()
            group.restricts_bot(can_send_messages=False)
            topic.closes()
            group.removes_bot()
            group.adds_bot()
            topic.reopens()
        await house.server.quiet(for_s=0.8, timeout_s=20)
        assert sum(text == line("introduction_group") for text in group.texts) <= 1
        assert quotes(await house.server.reply_to(ann.says(f"/ask {ASKED}", to=topic))) == [ANSWER]

    play(scene)


def test_flood_when_it_comes_in_private_then_what_is_not_answered_shows_no_typing_either() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        for _ in range(100):
            ann.says(ASKED)
        await house.server.quiet(for_s=0.8, timeout_s=20)
        assert len(ann.ours) == 3 + 1
        assert len(ann.actions) <= len(ann.ours)

    assert play(scene, limits=LimitsConfig(user_per_minute=3, chat_per_minute=20)).refused() == []
