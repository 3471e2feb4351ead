from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.membership import Rooms as OurRooms
from bot.records import Chat, ChatKind, PauseReason
from bot.settings import ChatSettings, Policy
from bot.store import BotStore
from bot.texts import line
from bot.types import Membership, Migrated, Outgoing, Right, Role
from tests.bot.builders import NOW
from tests.bot.rooms import ANN, BOB, CHANNEL, GROUP, Rooms, make_seen, play, words
from tests.bot.store_builders import make_draft

MAY_WRITE = frozenset({Right.SEND_MESSAGES})
MAY_POST = frozenset({Right.POST_MESSAGES, Right.EDIT_MESSAGES})


def change(
    chat_id: int = GROUP,
    old: Role = Role.LEFT,
    new: Role = Role.MEMBER,
    *,
    rights: frozenset[Right] = MAY_WRITE,
    title: str = "Harbour talk",
    language: str = "en",
) -> Membership:
    return Membership(
        chat=make_seen(chat_id, title=title), old=old, new=new, rights=rights, by_user_id=ANN, language=language
    )


async def start(rooms: Rooms, user_id: int = ANN) -> None:
    await rooms.db(lambda store: store.note_chat(user_id, kind=ChatKind.PRIVATE, at=NOW))


async def held(rooms: Rooms, chat_id: int) -> Chat:
    chat = await rooms.db(lambda store: store.chat(chat_id))
    assert isinstance(chat, Chat)
    return chat


def said(outgoing: tuple[Outgoing, ...]) -> list[tuple[int, str]]:
    return [(one.chat_id, words(one.reply)) for one in outgoing]


@pytest.mark.parametrize("language", ["en", "de", "uk", "ru", "es", "fr"])
def test_membership_when_added_to_a_group_then_one_introduction_in_the_adders_language(
    tmp_path: Path, language: str
) -> None:
    async def scene(rooms: Rooms) -> None:
        ours = OurRooms(rooms.store, rooms.admins)
        joined = change(language=language)
        assert said(await ours.changed(joined, NOW)) == [(GROUP, line("introduction_group", language=language))]
        assert await ours.changed(joined, NOW) == ()
        assert await ours.changed(change(old=Role.MEMBER, new=Role.ADMIN), NOW) == ()

    play(tmp_path, scene)


def test_membership_when_the_chat_or_the_config_has_a_language_then_that(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        ours = OurRooms(rooms.store, rooms.admins, language="fr")
        assert said(await ours.changed(change(), NOW)) == [(GROUP, line("introduction_group", language="fr"))]

    play(tmp_path, scene)


def test_membership_when_kicked_and_added_again_then_settings_are_back_and_nothing_is_repeated(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        ours = OurRooms(rooms.store, rooms.admins)
        await ours.changed(change(), NOW)
        chosen = ChatSettings(language="uk", policy=Policy.COMMANDS)
        await rooms.db(lambda store: store.put_settings(GROUP, chosen, at=NOW))
        for gone, reason in ((Role.KICKED, PauseReason.KICKED), (Role.LEFT, PauseReason.GONE)):
            assert await ours.changed(change(old=Role.MEMBER, new=gone), NOW) == ()
            assert (await held(rooms, GROUP)).paused_for is reason
            assert await ours.changed(change(old=gone), NOW) == ()
            assert (await held(rooms, GROUP)).paused_for is None
        assert (await held(rooms, GROUP)).settings == chosen

    play(tmp_path, scene)


def test_membership_when_we_may_not_write_then_introduced_once_we_may_and_the_adder_told_what_lacks(
    tmp_path: Path,
) -> None:
    async def scene(rooms: Rooms) -> None:
        ours = OurRooms(rooms.store, rooms.admins)
        await start(rooms)
        mute = change(new=Role.RESTRICTED, rights=frozenset())
        assert said(await ours.changed(mute, NOW)) == [
            (ANN, "I lack these rights in Harbour talk: send messages. An admin can grant them.")
        ]
        assert await ours.changed(mute, NOW) == ()
        assert (await held(rooms, GROUP)).missing_rights == ("send_messages",)
        assert said(await ours.changed(change(old=Role.RESTRICTED), NOW)) == [(GROUP, line("introduction_group"))]
        assert (await held(rooms, GROUP)).missing_rights == ()

    play(tmp_path, scene)


def test_membership_when_added_to_a_channel_then_whoever_did_it_is_told_in_private(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        ours = OurRooms(rooms.store, rooms.admins)
        await start(rooms)
        added = change(CHANNEL, new=Role.ADMIN, rights=frozenset({Right.POST_MESSAGES}), title="Harbour news")
        ((told, text),) = said(await ours.changed(added, NOW))
        assert told == ANN
        assert "I am now an admin of Harbour news." in text
        assert text.endswith("I lack these rights in Harbour news: edit messages. An admin can grant them.")
        assert await ours.changed(added, NOW) == ()

    play(tmp_path, scene)


def test_membership_when_the_adder_of_a_channel_has_not_started_us_then_silence_until_they_have(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        ours = OurRooms(rooms.store, rooms.admins)
        assert await ours.changed(change(CHANNEL, new=Role.ADMIN, rights=MAY_POST), NOW) == ()
        await start(rooms)
        later = await ours.changed(change(CHANNEL, old=Role.ADMIN, new=Role.ADMIN, rights=MAY_POST), NOW)
        assert [chat_id for chat_id, _ in said(later)] == [ANN]

    play(tmp_path, scene)


def test_membership_when_blocked_and_unblocked_then_paused_and_resumed_without_a_word(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        ours = OurRooms(rooms.store, rooms.admins)
        await start(rooms)
        assert await ours.changed(change(ANN, Role.MEMBER, Role.KICKED, title="Ann"), NOW) == ()
        assert (await held(rooms, ANN)).paused_for is PauseReason.BLOCKED
        assert await ours.changed(change(ANN, Role.KICKED, Role.MEMBER, title="Ann"), NOW) == ()
        chat = await held(rooms, ANN)
        assert (chat.paused_for, chat.title) == (None, "")

    play(tmp_path, scene)


def test_membership_when_we_leave_a_chat_we_never_knew_then_nothing_is_kept(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        await OurRooms(rooms.store, rooms.admins).changed(change(old=Role.MEMBER, new=Role.KICKED), NOW)
        assert await rooms.db(BotStore.chats) == ()

    play(tmp_path, scene)


def test_membership_when_a_title_is_hostile_then_nothing_of_it_can_be_pressed(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        await start(rooms)
        title = "evil.example\n\N{RIGHT-TO-LEFT OVERRIDE}/start @admin " + "x" * 300
        ((_, text),) = said(await OurRooms(rooms.store, rooms.admins).changed(change(CHANNEL, title=title), NOW))
        assert "evil. example / start @ admin xxx" in text
        assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
        assert "x" * 60 not in text

    play(tmp_path, scene)


def test_migrated_when_told_twice_then_settings_stand_under_the_new_id_and_nothing_is_said(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        ours = OurRooms(rooms.store, rooms.admins)
        await ours.changed(change(), NOW)
        await rooms.db(lambda store: store.put_settings(GROUP, ChatSettings(zone="Europe/Kyiv"), at=NOW))
        moved = Migrated(old_chat_id=GROUP, new_chat_id=-100_77)
        assert [await ours.migrated(moved), await ours.migrated(moved)] == [(), ()]
        assert (await held(rooms, -100_77)).settings.zone == "Europe/Kyiv"
        assert await rooms.db(lambda store: store.chat(GROUP)) is None
        arrived = replace(change(), chat=make_seen(-100_77, kind=ChatKind.SUPERGROUP))
        assert await ours.changed(arrived, NOW) == (), "introduced once, whatever its id"

    play(tmp_path, scene)


def test_seen_when_a_paused_chat_speaks_then_it_is_spoken_to_again(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        ours = OurRooms(rooms.store, rooms.admins)
        await ours.seen(make_seen(), NOW)
        await ours.unreachable(GROUP, PauseReason.KICKED, NOW)
        assert (await held(rooms, GROUP)).paused_for is PauseReason.KICKED
        assert (await ours.seen(make_seen(title="Renamed"), NOW)).paused_for is None
        assert ((await held(rooms, GROUP)).paused_for, (await held(rooms, GROUP)).title) == (None, "Renamed")

    play(tmp_path, scene)


@pytest.mark.parametrize("started", [True, False])
def test_topic_closed_when_an_admin_has_started_us_then_they_are_told_once(tmp_path: Path, started: bool) -> None:
    async def scene(rooms: Rooms) -> None:
        ours = OurRooms(rooms.store, rooms.admins)
        await rooms.db(lambda store: store.note_chat(GROUP, kind=ChatKind.SUPERGROUP, at=NOW))
        for number, user in enumerate((ANN, BOB)):
            at = number
            await rooms.db(lambda store: store.keep_sent(make_draft(chat_id=GROUP, asked_by=user, minutes=at)))  # noqa: B023
            if started:
                await start(rooms, user)
        rooms.platform.admins.add((GROUP, ANN))
        notices = said(await ours.topic_closed(make_seen(), 31, NOW))
        assert notices == ([(ANN, line("topic_closed", chat="Harbour talk"))] if started else [])
        assert await ours.topic_closed(make_seen(), 31, NOW + timedelta(hours=1)) == ()
        ours.topic_open(GROUP, 31)
        assert len(await ours.topic_closed(make_seen(), 31, NOW)) == len(notices)

    play(tmp_path, scene)


def test_admins_when_asked_again_within_a_minute_then_believed(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        async def ask(at: datetime) -> bool:
            return await rooms.admins.is_admin(GROUP, ANN, at)

        rooms.platform.admins.add((GROUP, ANN))
        assert await ask(NOW)
        rooms.platform.admins.clear()
        assert await ask(NOW + timedelta(seconds=59))
        assert rooms.platform.asked == 1
        assert not await ask(NOW + timedelta(seconds=60))
        rooms.platform.admins.add((GROUP, ANN))
        rooms.admins.forget(GROUP)
        assert await ask(NOW + timedelta(seconds=61))

    play(tmp_path, scene)


def test_admins_when_somebody_speaks_as_the_chat_then_an_admin_and_nobody_is_asked(tmp_path: Path) -> None:
    async def scene(rooms: Rooms) -> None:
        assert await rooms.admins.is_admin(GROUP, GROUP, NOW)
        assert not await rooms.admins.is_admin(GROUP, None, NOW)
        assert rooms.platform.asked == 0

    play(tmp_path, scene)
