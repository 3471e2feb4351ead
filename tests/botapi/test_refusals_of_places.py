"""What Telegram refuses because of where: blocked, kicked, no rights, closed topics, migrated groups, wrong tokens."""

from collections.abc import Callable

import pytest
from telegram import Bot
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, TelegramError

from tests.botapi import Group, Server, Status
from tests.botapi.bots import a_bot, call, polling, refusal_of, run

Arrangement = Callable[[Server], int]


def blocked_by_ann(server: Server) -> int:
    ann = server.user("Ann", started=True)
    ann.blocks()
    return ann.id


def gone_account(server: Server) -> int:
    ann = server.user("Ann", started=True)
    ann.user.deactivated = True
    return ann.id


def met_in_a_group_only(server: Server) -> int:
    ann = server.user("Ann")
    server.group("Desk", ann)
    return ann.id


def another_bot(server: Server) -> int:
    other = server.user("Other")
    other.user.is_bot = True
    return other.id


def kicked(make: Callable[[Server], Group]) -> Arrangement:
    def arrange(server: Server) -> int:
        place = make(server)
        place.removes_bot()
        return place.id

    return arrange


def left_supergroup(server: Server) -> int:
    place = server.supergroup("Desk")
    place.chat.members[server.core.bot.id].status = Status.LEFT
    return place.id


def never_joined(server: Server) -> int:
    return server.group("Desk", bot=None).id


def public_channel_of_others(server: Server) -> int:
    return server.channel("Wire", bot=None, username="wire").id


def channel_without_rights(server: Server) -> int:
    return server.channel("Wire", bot=Status.MEMBER).id


def muted_group(server: Server) -> int:
    place = server.group("Desk")
    place.permits(can_send_messages=False)
    return place.id


def muted_bot(server: Server) -> int:
    place = server.supergroup("Desk")
    place.restricts_bot(can_send_messages=False)
    return place.id


def closed_general(server: Server) -> int:
    place = server.supergroup("Desk", forum=True)
    place.closes_general()
    return place.id


NO_RIGHTS = "Bad Request: not enough rights to send text messages to the chat"


@pytest.mark.parametrize(
    ("arrange", "description"),
    [
        (blocked_by_ann, "Forbidden: bot was blocked by the user"),
        (gone_account, "Forbidden: user is deactivated"),
        (met_in_a_group_only, "Forbidden: bot can't initiate conversation with a user"),
        (another_bot, "Forbidden: bot can't send messages to bots"),
        (kicked(lambda server: server.group("Desk")), "Forbidden: bot was kicked from the group chat"),
        (kicked(lambda server: server.supergroup("Desk")), "Forbidden: bot was kicked from the supergroup chat"),
        (kicked(lambda server: server.channel("Wire")), "Forbidden: bot was kicked from the channel chat"),
        (left_supergroup, "Forbidden: bot is not a member of the supergroup chat"),
        (never_joined, "Bad Request: chat not found"),
        (public_channel_of_others, "Forbidden: bot is not a member of the channel chat"),
        (channel_without_rights, "Bad Request: need administrator rights in the channel chat"),
        (muted_group, NO_RIGHTS),
        (muted_bot, NO_RIGHTS),
        (closed_general, "Bad Request: TOPIC_CLOSED"),
    ],
)
def test_message_when_the_bot_may_not_speak_there_then_it_is_refused(arrange: Arrangement, description: str) -> None:
    async def scene(server: Server) -> None:
        status, told = await call(server, "sendMessage", chat_id=arrange(server), text="x")
        assert told == description
        assert status == (403 if told.startswith("Forbidden") else 400)

    run(scene)


def test_topic_when_it_is_general_closed_deleted_or_unknown_then_it_is_refused() -> None:
    async def scene(server: Server) -> None:
        group = server.supergroup("Desk", forum=True)
        closed, deleted, fine = group.topic("Closed"), group.topic("Deleted"), group.topic("Fine")
        closed.closes()
        deleted.is_deleted()
        told = {}
        for name, number in (("general", 1), ("closed", closed.thread_id), ("deleted", deleted.thread_id),
                             ("unknown", 999), ("fine", fine.thread_id)):  # fmt: skip
            told[name] = (await call(server, "sendMessage", chat_id=group.id, text="x", message_thread_id=number))[1]
        not_found = "Bad Request: message thread not found"
        assert told == {"general": not_found, "closed": "Bad Request: TOPIC_CLOSED", "deleted": not_found,
                        "unknown": not_found, "fine": ""}  # fmt: skip
        assert (await call(server, "sendMessage", chat_id=group.id, text="x"))[1] == ""
        assert (await call(server, "sendChatAction", chat_id=group.id, action="typing", message_thread_id=1))[1] == ""

    run(scene)


def test_topic_when_the_bot_is_an_admin_then_a_closed_one_takes_its_message() -> None:
    async def scene(server: Server) -> None:
        group = server.supergroup("Desk", forum=True)
        topic = group.topic("Closed")
        topic.closes()
        group.promotes_bot()
        given = {"chat_id": group.id, "text": "x", "message_thread_id": topic.thread_id}
        assert (await call(server, "sendMessage", **given))[1] == ""

    run(scene)


def test_comments_when_answered_then_the_thread_number_is_no_topic() -> None:
    async def scene(server: Server) -> None:
        ann = server.user("Ann")
        channel, group = server.channel("Wire"), server.supergroup("Wire chat", ann)
        channel.links(group)
        copy = channel.copy_of(channel.posts("The bridge is closed."))
        comment = ann.replies(copy, "/ask when?")
        assert (comment.thread_id, comment.is_topic_message) == (copy.message_id, False)
        told = await call(server, "sendMessage", chat_id=group.id, text="x", message_thread_id=copy.message_id)
        assert told == (400, "Bad Request: message thread not found")

    run(scene)


def test_group_when_it_has_become_a_supergroup_then_the_error_names_the_new_chat() -> None:
    async def scene(server: Server) -> None:
        group = server.group("Desk")
        new = group.migrates()
        async with a_bot(server) as bot:
            error = await refusal_of(bot.send_message(group.id, "x"))
            assert isinstance(error, ChatMigrated)
            assert error.new_chat_id == new.id
            assert (await bot.send_message(new.id, "x")).chat.type == "supergroup"
            told = [one.message for one in await bot.get_updates() if one.message]
            assert [message.migrate_to_chat_id or message.migrate_from_chat_id for message in told] == [
                new.id,
                group.id,
            ]

    run(scene)


@pytest.mark.parametrize(
    ("token", "kind"), [("110201543:" + "A" * 35, InvalidToken), ("wrong", InvalidToken), ("", InvalidToken)]
)
def test_token_when_it_is_wrong_then_the_bot_is_told(token: str, kind: type[TelegramError]) -> None:
    async def scene(server: Server) -> None:
        error = await refusal_of(Bot(token or "x:y", base_url=server.base_url).get_me())
        assert isinstance(error, kind)

    run(scene)


def test_token_when_well_formed_and_unknown_then_401() -> None:
    async def scene(server: Server) -> None:
        server.token = "110201543:" + "A" * 35
        assert await call(server, "getMe") == (401, "Unauthorized")

    run(scene)


def test_errors_when_the_library_reads_them_then_they_have_its_kinds() -> None:
    async def scene(server: Server) -> None:
        async with a_bot(server) as bot:
            assert isinstance(await refusal_of(bot.send_message(blocked_by_ann(server), "x")), Forbidden)
            assert isinstance(await refusal_of(bot.send_message(muted_group(server), "x")), BadRequest)

    run(scene)


def test_members_when_asked_for_then_owner_admins_and_strangers_differ() -> None:
    async def scene(server: Server) -> None:
        ann, bob, eve = server.user("Ann"), server.user("Bob"), server.user("Eve")
        group = server.supergroup("Desk", ann, bob)
        group.promotes(bob, anonymous=True, can_delete_messages=False)
        async with a_bot(server) as bot:
            statuses = [(await bot.get_chat_member(group.id, one.user.id)).status for one in (ann, bob, eve)]
            assert statuses == ["creator", "administrator", "left"]
            assert len(await bot.get_chat_administrators(group.id)) == 2
            assert await bot.get_chat_member_count(group.id) == 3
            assert (await bot.get_chat(group.id)).title == "Desk"

    run(scene)


def test_membership_when_it_changes_then_the_bot_is_told() -> None:
    changes: list[tuple[str, str]] = []

    async def note(update: object, bot: Bot) -> None:
        change = getattr(update, "my_chat_member", None)
        if change is not None:
            changes.append((change.old_chat_member.status, change.new_chat_member.status))

    async def scene(server: Server) -> None:
        async with polling(server, note):
            ann = server.user("Ann", started=True)
            group = server.supergroup("Desk", ann, bot=None)
            group.adds_bot(by=ann)
            group.promotes_bot()
            group.restricts_bot(can_send_messages=False)
            group.removes_bot()
            ann.blocks()
            ann.starts()
            await server.quiet()

    run(scene)
    assert changes == [
        ("left", "member"), ("member", "administrator"), ("administrator", "restricted"), ("restricted", "kicked"),
        ("member", "kicked"), ("kicked", "member"),
    ]  # fmt: skip
