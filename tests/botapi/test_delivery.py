"""Which updates reach the bot and how calls go wrong on the way: privacy, allowed kinds, limits, faults."""

import asyncio

import pytest
from telegram import Bot, Update
from telegram.error import NetworkError, RetryAfter, TimedOut

from tests.botapi import NONE, STRICT, Drop, Limits, Server, Settings, Window, bad_gateway
from tests.botapi.bots import a_bot, call, polling, refusal_of, run
from tests.botapi.clock import HandClock


def texts(server: Server) -> list[str]:
    """Return the texts on their way to the bot."""
    payloads = [payload for update in server.undelivered() for payload in update.values() if isinstance(payload, dict)]
    return [payload["text"] for payload in payloads if "text" in payload]


@pytest.mark.parametrize(("privacy", "reach"), [(True, 3), (False, 6)])
def test_privacy_when_on_then_a_group_gives_only_what_is_meant_for_the_bot(privacy: bool, reach: int) -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        group = server.supergroup("Desk", ann)
        await call(server, "sendMessage", chat_id=group.id, text="The bridge is closed.")
        ann.says("/ask bridge", to=group)
        ann.says("/ask@dateline_bot bridge", to=group)
        ann.replies(group.ours[0], "since when?")
        ann.says("/ask@other_bot bridge", to=group)
        ann.says("@dateline_bot bridge?", to=group)
        ann.says("nothing for a bot", to=group)
        assert len(texts(server)) == reach

    run(scene, Server(settings=Settings(privacy=privacy)))


def test_privacy_when_the_bot_is_an_admin_or_mentions_come_then_more_reaches_it() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        group = server.supergroup("Desk", ann)
        ann.says("@dateline_bot bridge?", to=group)
        server.settings.mentions_delivered = True
        ann.says("@dateline_bot tunnel?", to=group)
        group.promotes_bot()
        ann.says("nothing for a bot", to=group)
        assert texts(server) == ["@dateline_bot tunnel?", "nothing for a bot"]

    run(scene)


def test_allowed_updates_when_given_then_other_kinds_are_withheld() -> None:
    async def scene(server: Server) -> None:
        async with a_bot(server) as bot:
            assert await bot.get_updates(allowed_updates=["message"]) == ()
            ann = server.user("Ann")
            message = ann.says("hello")
            ann.edits(message, "hello there")
            assert [list(update)[1] for update in server.undelivered()] == ["message"]
            assert [list(update)[1] for update in server.core.updates.withheld] == ["edited_message"]
            await bot.get_updates(allowed_updates=[])
            ann.edits(message, "hello again")
            assert [list(update)[1] for update in server.undelivered()] == ["message", "edited_message"]

    run(scene)


def test_updates_when_confirmed_by_offset_then_they_do_not_come_again() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        for number in range(3):
            ann.says(f"question {number}")
        async with a_bot(server) as bot:
            first = await bot.get_updates(limit=1)
            assert len(first) == 1
            assert len(await bot.get_updates(offset=first[0].update_id + 1)) == 2
            assert len(await bot.get_updates(offset=-1)) == 1
            assert len(server.undelivered()) == 1

    run(scene)


def test_updates_when_a_day_old_then_they_are_forgotten() -> None:
    clock = HandClock()

    async def scene(server: Server) -> None:
        server.user("Ann").says("hello")
        clock.moves(25 * 3600)
        async with a_bot(server) as bot:
            assert await bot.get_updates() == ()

    run(scene, Server(clock=clock))


def test_everything_people_do_when_it_arrives_then_the_library_can_read_it() -> None:
    seen: list[Update] = []

    async def note(update: Update, bot: Bot) -> None:
        seen.append(update)

    async def scene(server: Server) -> None:
        async with polling(server, note):
            ann = server.user("Ann", language="uk")
            group, channel = server.supergroup("Wire chat", ann), server.channel("Wire")
            group.promotes_bot()
            channel.links(group)
            for kind in ("photo", "voice", "sticker", "video", "document"):
                ann.sends(kind, caption="" if kind == "sticker" else "what is this?")
            ann.sends_album(["two pictures", ""])
            post = channel.posts("The bridge is closed.")
            channel.edits(post, "The bridge is open.")
            channel.posts_album(["two pictures", ""])
            ann.forwards(post)
            group.says_anonymously("/settings")
            group.is_renamed("Wire talk")
            ann.starts("u17")
            await server.quiet()

    run(scene)
    messages = [update.message for update in seen if update.message]
    assert sum(message.caption == "what is this?" for message in messages) == 4
    assert len({message.media_group_id for message in messages if message.media_group_id}) == 2
    assert [update.channel_post.text for update in seen if update.channel_post and update.channel_post.text]
    assert [update.edited_channel_post.text for update in seen if update.edited_channel_post] == ["The bridge is open."]
    copies = [message for message in messages if message.is_automatic_forward]
    assert len(copies) == 3
    assert copies[0].sender_chat is not None
    assert copies[0].sender_chat.title == "Wire"
    assert any(message.sender_chat == message.chat for message in messages)
    assert any(message.forward_origin and message.chat.type == "private" for message in messages)
    assert messages[0].from_user is not None
    assert messages[0].from_user.language_code == "uk"
    assert any(message.text == "/start u17" for message in messages)


def test_limit_when_one_chat_is_sent_too_much_then_only_it_waits() -> None:
    clock = HandClock()

    async def scene(server: Server) -> None:
        ann, bob = server.user("Ann", started=True), server.user("Bob", started=True)
        async with a_bot(server) as bot:
            await bot.send_message(ann.id, "x")
            error = await refusal_of(bot.send_message(ann.id, "y"))
            assert isinstance(error, RetryAfter)
            assert await refusal_of(bot.send_message(bob.id, "x")) is None
            clock.moves(1.1)
            assert await refusal_of(bot.send_message(ann.id, "y")) is None
            assert (ann.texts, server.core.meter.refused) == (["x", "y"], 1)

    run(scene, Server(clock=clock, limits=STRICT))


@pytest.mark.parametrize(
    ("limits", "taken"),
    [(Limits(), 20), (Limits(group=None), 30), (NONE, 40), (Limits(group=Window(count=3, seconds=9)), 3)],
)
def test_limit_when_a_group_or_all_are_sent_too_much_then_the_rest_waits(limits: Limits, taken: int) -> None:
    async def scene(server: Server) -> None:
        group = server.group("Desk")
        for _ in range(40):
            await call(server, "sendMessage", chat_id=group.id, text="x")
        assert len(group.ours) == taken

    run(scene, Server(clock=HandClock(), limits=limits))


def test_limit_when_edits_are_many_then_they_count_too() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        await call(server, "sendMessage", chat_id=ann.id, text="x")
        given = {"chat_id": ann.id, "message_id": ann.ours[0].message_id, "text": "y"}
        assert (await call(server, "editMessageText", **given)) == (429, "Too Many Requests: retry after 1")

    run(scene, Server(clock=HandClock(), limits=STRICT))


def test_flood_when_put_on_one_chat_then_it_lasts_as_long() -> None:
    clock = HandClock()

    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        server.flood(ann, 4000)
        async with a_bot(server) as bot:
            clock.moves(1000)
            error = await refusal_of(bot.send_message(ann.id, "x"))
            assert isinstance(error, RetryAfter)
            assert "3000" in str(error)
            clock.moves(3001)
            assert await refusal_of(bot.send_message(ann.id, "x")) is None

    run(scene, Server(clock=clock))


def test_faults_when_put_then_the_next_calls_meet_them_in_order() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        server.fail("sendMessage", bad_gateway(), Drop.BEFORE, Drop.AFTER)
        async with a_bot(server) as bot:
            for text, arrived in (("one", []), ("two", []), ("three", ["three"]), ("four", ["three", "four"])):
                error = await refusal_of(bot.send_message(ann.id, text))
                assert (error is None) == (text == "four")
                assert error is None or isinstance(error, NetworkError)
                assert ann.texts == arrived

    run(scene)


def test_silence_when_the_bot_gives_up_waiting_then_its_message_stands_all_the_same() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        server.fail("sendMessage", Drop.SILENCE)
        async with a_bot(server) as bot:
            assert isinstance(await refusal_of(bot.send_message(ann.id, "x", read_timeout=0.1)), TimedOut)
            assert ann.texts == ["x"]

    run(scene)


def test_topic_when_a_message_replies_to_nothing_then_it_is_told_as_a_reply_to_the_topics_opening() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        group = server.supergroup("Desk", ann, forum=True)
        topic = group.topic("Fires")
        ann.says("/ask in the topic", to=topic)
        ann.says("/ask in General", to=group)
        async with a_bot(server) as bot:
            _, in_topic, in_general = [update.message for update in await bot.get_updates()]
        assert in_topic is not None
        assert in_topic.reply_to_message is not None
        assert in_topic.reply_to_message.forum_topic_created is not None
        assert in_general is not None
        assert (in_general.message_thread_id, in_general.reply_to_message) == (None, None)

    run(scene)


def test_poll_when_the_bot_hangs_up_then_the_next_poll_gets_the_update() -> None:
    async def scene(server: Server) -> None:
        async with a_bot(server) as bot:
            poll = asyncio.create_task(bot.get_updates(timeout=10))
            await server.until(lambda: server.core.updates.waiting)
            poll.cancel()
            await server.until(lambda: not server.core.updates.waiting)
            server.user("Ann").says("hello")
            assert len(await bot.get_updates(timeout=10)) == 1

    run(scene)


def test_menus_when_set_then_they_are_kept_by_scope_and_language() -> None:
    async def scene(server: Server) -> None:
        async with a_bot(server) as bot:
            await bot.set_my_commands([("ask", "Ask")])
            await bot.set_my_commands([("ask", "Запитати"), ("help", "Допомога")], language_code="uk")
            assert server.menu() == ["ask"]
            assert server.menu(language="uk") == ["ask", "help"]
            assert [command.command for command in await bot.get_my_commands(language_code="uk")] == ["ask", "help"]
            await bot.delete_my_commands()
            assert server.menu() == []

    run(scene)
