"""Messages through the library's real Application, against the strict server, by polling and by webhook."""

import asyncio
import logging
from datetime import timedelta

import pytest

from bot.actions import Ask, Latest, Page, Say
from bot.config import TelegramMode
from bot.records import ChatKind, PauseReason
from bot.tg.lanes import LONGEST
from bot.types import Incoming, Media, Migrated, Outgoing, Paragraph, Role
from tests.bot.tg.builders import make_quote, make_reply
from tests.bot.tg.scenes import HOSTILE, FakeConversation, play, serving
from tests.botapi import NONE, Drop, Server, bad_request, too_many_requests

pytestmark = pytest.mark.enable_socket
both = pytest.mark.parametrize("mode", TelegramMode)


def words(text: str) -> FakeConversation:
    return FakeConversation(reply=make_reply(Paragraph(text=text), sent_id="s1"))


@both
def test_serve_when_asked_in_private_then_answers_in_html_as_a_reply(mode: TelegramMode) -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        asked = ann.says("How many boats?")
        reply = await server.reply_to(asked)
        assert reply.of("blockquote") == [HOSTILE]
        assert ann.actions == ["typing"]
        await server.quiet()
        ((sent_id, chat_id, ids, incoming),) = talk.told
        assert (sent_id, chat_id, ids) == ("", ann.id, (reply.message_id,))
        assert incoming is not None
        assert incoming.message_id == asked.message_id

    server, talk = play(scene, mode=mode)
    assert talk.actions == [Ask(question="How many boats?")]
    assert server.refused() == []


def test_serve_when_a_page_is_asked_for_then_no_typing_shows() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        await server.reply_to(ann.starts())
        assert ann.actions == []

    _, talk = play(scene)
    assert isinstance(talk.actions[0], Page)


def test_serve_when_a_group_talks_then_silence() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        group, channel = server.supergroup("Desk", ann), server.channel("Wire")
        group.promotes_bot()  # so that all of it is delivered
        channel.links(group)
        ann.says("How many boats?", to=group)
        ann.says("/ask@OtherBot How many boats?", to=group)
        channel.posts("/ask How many boats?")
        group.is_renamed("Desk two")
        edited = ann.says("nothing", to=group)
        ann.edits(edited, "/ask How many boats?")
        await server.quiet()
        assert group.ours == channel.ours == []
        assert group.actions == []

    server, talk = play(scene)
    assert talk.handled == []
    assert len(server.core.updates.delivered) >= 6
    assert server.core.updates.withheld == []


@pytest.mark.parametrize("text", ["/ask How many boats?", "/ask@dateline_bot How many boats?"])
def test_serve_when_addressed_in_a_group_then_answers_there(text: str) -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        group = server.group("Desk", ann)
        first = await server.reply_to(ann.says(text, to=group))
        await server.reply_to(ann.replies(first, "And how many ferries?"))

    _, talk = play(scene)
    assert talk.actions == [Ask(question="How many boats?"), Ask(question="And how many ferries?")]
    assert [incoming.reply_to_us for incoming in talk.heard] == [False, True]


def test_serve_when_the_conversation_stays_silent_then_nothing_is_sent() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        group = server.group("Desk", ann)
        ann.says("/ask How many boats?", to=group)
        await server.until(lambda: talk.handled)
        await server.quiet()
        assert (group.ours, group.actions) == ([], [])

    play(scene, FakeConversation(reply=None))


def test_serve_when_a_group_waits_for_its_answer_then_typing_shows_once() -> None:
    async def slowly(incoming: Incoming) -> None:
        await asyncio.sleep(0.8)

    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        group = server.group("Desk", ann)
        await server.reply_to(ann.says("/ask How many boats?", to=group))
        assert group.actions == ["typing"]

    play(scene, FakeConversation(when=slowly))


def test_serve_when_asked_in_a_topic_then_answers_in_it_and_general_is_no_thread() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        group = server.supergroup("Desk", ann, forum=True)
        topic = group.topic("Fires")
        reply = await server.reply_to(ann.says("/ask a b?", to=topic))
        assert reply.thread_id == topic.thread_id
        in_general = await server.reply_to(ann.says("/ask a b?", to=group))
        assert in_general.thread_id is None
        await server.quiet()

    server, talk = play(scene)
    assert [incoming.reply_to_us for incoming in talk.heard] == [False, False]
    assert [call.parameters.get("message_thread_id") for call in server.calls("sendMessage")][1] is None
    assert server.refused() == []


def test_serve_when_asked_under_a_channels_post_then_answers_there_and_about_it() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        group, channel = server.supergroup("Talk", ann), server.channel("Wire")
        channel.links(group)
        copy = channel.copy_of(channel.posts("The pier is closed."))
        reply = await server.reply_to(ann.replies(copy, "/ask why?"))
        assert reply.thread_id == copy.message_id
        await server.reply_to(ann.replies(reply, "/ask and now?"))
        assert channel.ours == []

    server, talk = play(scene)
    first = talk.heard[0]
    assert (first.is_comment, first.thread_id, first.reply_to_whole) == (True, None, "The pier is closed.")
    assert server.refused() == []


def test_serve_when_a_channel_posts_edits_and_albums_then_the_conversation_learns_it() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        channel = server.channel("Wire", server.user("Ann"))
        post = channel.posts("The pier is closed.")
        channel.edits(post, "The pier is open.")
        channel.posts_album(["Ferries at noon.", ""])
        await server.quiet()
        assert channel.ours == []

    _, talk = play(scene)
    told = [(posted.post.text, posted.edited) for posted in talk.posts]
    assert told == [
        ("The pier is closed.", False),
        ("The pier is open.", True),
        ("Ferries at noon.", False),
        ("", False),
    ]


def test_serve_when_an_album_comes_then_it_is_one_question() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        album = ann.sends_album(["", "How many boats?", ""])
        await server.reply_to(album[1])
        await server.quiet()
        assert len(ann.ours) == 1

    _, talk = play(scene)
    (incoming,) = talk.heard
    assert (incoming.text, incoming.media) == ("How many boats?", Media.PHOTO)


def test_serve_when_the_bot_stops_while_an_album_comes_then_it_is_still_answered() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        server.user("Ann").sends_album(["How many boats?", ""])
        await server.until(lambda: not server.undelivered())

    _, talk = play(scene)
    assert len(talk.told) == 1


def test_serve_when_one_chat_must_wait_then_the_others_are_answered_meanwhile() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann, bob = server.user("Ann"), server.user("Bob")
        server.flood(ann, 1)
        asked = ann.says("How many boats?")
        other = await server.reply_to(bob.says("How many boats?"))
        assert (ann.ours, bob.ours) == ([], [other])
        await server.reply_to(asked)

    play(scene)


def test_serve_when_more_ask_at_once_than_telegram_lets_us_answer_then_none_is_lost_or_doubled() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        people = [server.user(f"Person {number}") for number in range(100)]
        asked = [person.says("How many boats?") for person in people]
        await server.until(lambda: all(person.ours for person in people), timeout_s=20)
        await server.quiet()
        assert [[message.reply_to for message in person.ours] for person in people] == [[each] for each in asked]

    server, _ = play(scene, server=Server())  # with Telegram's limits: 30 a second
    assert server.core.meter.refused > 0


def test_serve_when_the_bot_stops_while_a_chat_must_wait_then_that_reply_is_given_up() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        server.flood(ann, 100)
        ann.says("How many boats?")
        await server.until(lambda: server.calls("sendMessage"))

    _, talk = play(scene, words("Nine."))
    assert (talk.told, talk.unsents) == ([], ["s1"])


def test_serve_when_a_chat_asks_twice_then_answers_come_in_order() -> None:
    async def slow_first(incoming: Incoming) -> None:
        await asyncio.sleep(0.2 if incoming.text == "first one?" else 0)

    async def scene(server: Server, talk: FakeConversation) -> None:
        ann, bob = server.user("Ann"), server.user("Bob")
        first, second = ann.says("first one?"), ann.says("second one?")
        await server.reply_to(bob.says("another's?"))
        assert ann.ours == []
        await server.reply_to(second)
        assert [message.reply_to for message in ann.ours] == [first, second]

    play(scene, FakeConversation(when=slow_first))


def test_serve_when_somebody_floods_us_then_what_is_too_much_is_dropped_and_others_are_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def hold(incoming: Incoming) -> None:
        await asyncio.sleep(3 if incoming.text == "hold" else 0)

    async def scene(server: Server, talk: FakeConversation) -> None:
        ann, bob = server.user("Ann"), server.user("Bob")
        ann.says("hold")
        for number in range(LONGEST + 10):
            ann.says(f"question {number}?")
        await server.reply_to(bob.says("How many boats?"))
        await server.until(lambda: not server.undelivered())

    _, talk = play(scene, FakeConversation(when=hold))
    assert len([incoming for incoming in talk.heard if incoming.text != "How many boats?"]) == LONGEST
    assert "lane full" in caplog.text


def test_serve_when_questions_waited_out_a_downtime_then_one_apology_a_chat() -> None:
    server = Server(limits=NONE)
    now = server.core.clock() + timedelta(minutes=5, seconds=1)
    talk = FakeConversation()

    async def whole() -> None:
        async with server, asyncio.timeout(20):
            ann, bob = server.user("Ann"), server.user("Bob")
            ann.says("first one?")
            ann.says("second one?")
            bob.says("another's?")
            ann.says("group talk", to=server.supergroup("Desk", ann))
            async with serving(server, talk, clock=lambda: now):
                await server.quiet()
            assert [len(ann.ours), len(bob.ours)] == [1, 1]
            async with serving(server, talk):
                await server.reply_to(ann.says("a fresh one?"))

    asyncio.run(whole())
    assert talk.actions == [Say(line="late"), Say(line="late"), Ask(question="a fresh one?")]


def test_serve_when_the_conversation_breaks_then_the_asker_is_told_and_the_next_is_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def broken(incoming: Incoming) -> None:
        if incoming.text == "first one?":
            raise KeyError("a bug")

    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        ann.says("first one?")
        await server.reply_to(ann.says("second one?"))
        assert len(ann.ours) == 2

    _, talk = play(scene, FakeConversation(when=broken))
    assert talk.actions == [Ask(question="first one?"), Say(line="failed"), Ask(question="second one?")]
    assert "update failed error=KeyError" in caplog.text
    assert "first one?" not in caplog.text


def test_serve_when_the_asker_blocks_us_then_the_chat_is_reported_and_the_next_is_answered(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann, bob = server.user("Ann"), server.user("Bob")
        ann.says("How many boats?")
        ann.blocks()
        await server.reply_to(bob.says("How many boats?"))
        await server.until(lambda: talk.closed)
        assert talk.closed == [(ann.id, PauseReason.BLOCKED)]

    _, talk = play(scene, words("Nine."))
    assert talk.unsents == ["s1"]
    assert [(each.old, each.new) for each in talk.memberships] == [(Role.MEMBER, Role.KICKED)]
    assert "reply not sent error=ChatClosedError" in caplog.text


def test_serve_when_only_a_right_is_missing_then_the_chat_is_not_given_up() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        group = server.supergroup("Desk", ann)
        group.permits(can_send_messages=False)
        ann.says("/ask How many boats?", to=group)
        await server.until(lambda: server.calls("sendMessage"))

    _, talk = play(scene)
    assert talk.closed == []


def test_serve_when_the_topic_is_closed_then_somebody_is_told_and_nothing_breaks() -> None:
    talk = words("Nine.")

    async def scene(server: Server, _: FakeConversation) -> None:
        ann = server.user("Ann", started=True)
        group = server.supergroup("Desk", ann, forum=True)
        topic = group.topic("Fires")
        talk.notices = (Outgoing(chat_id=ann.id, reply=make_reply(Paragraph(text="a topic is closed"))),)
        topic.closes()
        ann.says("/ask How many boats?", to=topic)
        await server.until(lambda: ann.texts == ["a topic is closed"])
        assert talk.topics == [(group.id, topic.thread_id)]

    play(scene, talk)
    assert talk.unsents == ["s1"]


def test_serve_when_a_reply_may_have_arrived_then_it_is_neither_repeated_nor_taken_back() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        server.fail("sendMessage", Drop.AFTER)
        ann.says("How many boats?")
        await server.quiet()
        assert ann.texts == ["Nine."]

    _, talk = play(scene, words("Nine."))
    assert (talk.told, talk.unsents) == ([], [])


def test_serve_when_a_group_moves_between_question_and_answer_then_the_answer_follows() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        group = server.group("Desk", ann)
        ann.says("/ask How many boats?", to=group)
        moved = group.migrates()
        await server.until(lambda: moved.ours)
        await server.quiet()
        assert moved.texts == ["Nine."]
        # As a service message in both chats, and as the error.
        assert talk.moves == [Migrated(old_chat_id=group.id, new_chat_id=moved.id)] * 3
        assert [chat for _, chat, _, _ in talk.told] == [moved.id]

    play(scene, words("Nine."))


def test_serve_when_added_to_a_channel_then_its_discussion_group_is_told_and_notices_go_out() -> None:
    talk = FakeConversation()

    async def scene(server: Server, _: FakeConversation) -> None:
        ann = server.user("Ann", started=True)
        group, channel = server.supergroup("Talk", ann), server.channel("Wire", ann, bot=None)
        channel.links(group)
        blocked = server.user("Bob")
        talk.notices = tuple(
            Outgoing(chat_id=chat, reply=make_reply(Paragraph(text="hello"))) for chat in (blocked.id, ann.id)
        )
        channel.promotes_bot()
        await server.until(lambda: ann.texts == ["hello"])
        assert talk.memberships[0].chat.linked_chat_id == group.id
        assert talk.memberships[0].chat.kind is ChatKind.CHANNEL

    play(scene, talk)


def test_platform_when_asked_who_is_an_admin_then_telegram_says() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann, bob = server.user("Ann"), server.user("Bob")
        group = server.supergroup("Desk", ann, bob)
        elsewhere = server.supergroup("Elsewhere", ann, bot=None)
        assert talk.platform is not None
        assert await talk.platform.is_admin(group.id, ann.user.id)
        assert await talk.platform.is_admin(group.id, group.id)
        assert not await talk.platform.is_admin(group.id, bob.user.id)
        assert not await talk.platform.is_admin(elsewhere.id, ann.user.id)
        group.promotes(bob)
        assert await talk.platform.is_admin(group.id, bob.user.id)

    play(scene)


def test_serve_when_a_long_answer_has_parts_then_all_are_told() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        ann.says("How many boats?")
        await server.until(lambda: talk.told)
        assert talk.told[0][2] == tuple(message.message_id for message in ann.ours)
        assert len(ann.ours) == 2

    play(scene, FakeConversation(reply=make_reply(make_quote("The pier was closed for hours. " * 200))))


def test_serve_when_a_flood_lasts_hours_then_the_reply_is_given_up_at_once() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        server.fail("sendMessage", too_many_requests(43_837))
        ann.says("first one?")
        await server.reply_to(ann.says("second one?"))

    _, talk = play(scene, words("Nine."))
    assert talk.unsents == ["s1"]


def test_serve_when_latest_is_asked_then_typing_shows() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        await server.reply_to(ann.says("/latest"))
        assert ann.actions == ["typing"]

    _, talk = play(scene)
    assert talk.actions == [Latest()]


def test_serve_when_markup_is_refused_then_the_plain_text_goes() -> None:
    async def scene(server: Server, talk: FakeConversation) -> None:
        ann = server.user("Ann")
        server.fail("sendMessage", bad_request("can't parse entities: oh"))
        reply = await server.reply_to(ann.says("How many boats?"))
        assert f"“{HOSTILE}”" in reply.text

    play(scene)


def test_serve_when_everything_is_logged_then_the_token_and_the_question_are_not(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for name in ("httpx", "telegram"):
        caplog.set_level(logging.DEBUG, logger=name)

    async def scene(server: Server, talk: FakeConversation) -> None:
        server.fail("sendMessage", Drop.AFTER)
        server.user("Ann").says("How many boats?")
        await server.quiet()

    server, _ = play(scene)
    assert "reply not sent" in caplog.text
    assert server.token.partition(":")[2] not in caplog.text
    assert "How many boats?" not in caplog.text
    assert "Ann" not in caplog.text
