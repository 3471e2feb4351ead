from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.panel import PAGE
from bot.records import Button, Chat, ChatKind, LinkKind, PauseReason, StartLink
from bot.settings import ChatSettings, Policy
from bot.settings_talk import SettingsTalk
from bot.texts import LOCALES, line
from bot.types import Incoming, Place, Press, Pressed, Reply
from tests.bot.builders import NOW, make_incoming
from tests.bot.rooms import ANN, BOB, CHANNEL, GROUP, FakeShelf, Rooms, labels, make_live_blog, make_seen, play, words

SHELF = (
    make_live_blog("fires", title="The fires, live"),
    make_live_blog("vote", title="Vote", source="Town Radio"),
    make_live_blog("draft", title="Draft", source="Desk notes", public=False),
)


class Talk:
    """A settings talk over real tables, with Ann as the group's admin."""

    def __init__(self, rooms: Rooms, *, operators: tuple[int, ...] = (), language: str = "") -> None:
        rooms.platform.admins |= {(GROUP, ANN), (CHANNEL, ANN)}
        self.rooms = rooms
        self.talk = SettingsTalk(
            rooms.store, rooms.archive, rooms.admins, language=language, zone="UTC", operators=operators
        )

    async def note(self, chat_id: int, kind: ChatKind, title: str = "Harbour talk") -> None:
        await self.rooms.db(lambda store: store.note_chat(chat_id, kind=kind, at=NOW, title=title))

    async def says(self, text: str = "", *, user: int = ANN, chat: int | None = None, **values: Any) -> Reply | None:  # noqa: ANN401
        return await self.talk.command(text, incoming(user, chat, **values), NOW)

    async def presses(
        self, reply: Reply | None, label: str, *, user: int = ANN, chat: int | None = None, at: datetime = NOW
    ) -> Pressed:
        assert reply is not None
        key = next(one.key for row in reply.buttons for one in row if label in one.label)
        button = await self.rooms.db(lambda store: store.button(key, now=at))
        assert isinstance(button, Button)
        place = Place.GROUP if chat else Place.PRIVATE
        press = Press(user_id=user, key=key, place=place, chat_id=chat or user, message_id=50)
        return await self.talk.press(button, press, at)

    async def held(self, chat_id: int) -> ChatSettings:
        chat = await self.rooms.db(lambda store: store.chat(chat_id))
        assert isinstance(chat, Chat)
        return chat.settings


def incoming(user: int | None, chat: int | None, text: str = "", **values: Any) -> Incoming:  # noqa: ANN401  its fields
    made = make_incoming(
        text,
        place=Place.GROUP if chat else Place.PRIVATE,
        command="settings",
        chat_id=chat or user or 0,
        user_id=user,
    )
    return replace(made, chat=make_seen(chat) if chat else None, **values)


def run(folder: Path, scene: Callable[[Talk], object], *, operators: tuple[int, ...] = (), language: str = "") -> None:
    async def play_it(rooms: Rooms) -> None:
        await scene(Talk(rooms, operators=operators, language=language))  # type: ignore[misc]

    play(folder, play_it, FakeShelf(*SHELF))


def test_settings_when_asked_for_in_private_then_the_persons_own_and_no_policy(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        panel = await talk.says()
        assert words(panel).splitlines() == [
            "Settings of our chat",
            "Language: as in each reader's Telegram",
            "Time zone: UTC (as the bot is set)",
            "Sources: all",
            "Live blogs: all",
        ]
        assert labels(panel) == ["Language", "Time zone", "Sources", "Live blogs"]

    run(tmp_path, scene)


@pytest.mark.parametrize("language", LOCALES)
def test_settings_when_a_client_speaks_a_language_then_the_panel_does(tmp_path: Path, language: str) -> None:
    async def scene(talk: Talk) -> None:
        panel = await talk.says(language=language)
        assert words(panel).startswith(line("settings_title_private", language=language))
        assert line("setting_zone", language=language) in labels(panel)

    run(tmp_path, scene)


def test_settings_when_an_admin_of_a_group_asks_then_policy_too_and_a_way_into_private(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        panel = await talk.says(chat=GROUP)
        assert "Settings of Harbour talk" in words(panel)
        assert "When I answer: Mentions too" in words(panel)
        assert panel is not None
        start = panel.buttons[-1][0].start
        link = await talk.rooms.db(lambda store: store.start_link(start, user_id=ANN, now=NOW))
        assert isinstance(link, StartLink)
        assert (link.kind, link.chat_id) == (LinkKind.SETTINGS, GROUP)

    run(tmp_path, scene)


def test_settings_when_no_admin_asks_then_refused_if_named_and_silence_if_not(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        refused = await talk.says("policy off", user=BOB, chat=GROUP, addressee="ours")
        assert words(refused) == line("settings_admins_only")
        assert await talk.says(user=BOB, chat=GROUP) is None
        await talk.says("policy off", chat=GROUP)
        assert await talk.says(user=BOB, chat=GROUP, addressee="ours") is None
        assert (await talk.held(GROUP)).policy is Policy.OFF
        assert await talk.says(chat=GROUP) is not None

    run(tmp_path, scene)


def test_settings_when_an_anonymous_admin_asks_then_they_may(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        await talk.says("policy commands", user=GROUP, chat=GROUP, sender_chat_id=GROUP)
        assert (await talk.held(GROUP)).policy is Policy.COMMANDS
        elsewhere = await talk.says("policy off", user=CHANNEL, chat=GROUP, sender_chat_id=CHANNEL)
        assert elsewhere is None
        assert (await talk.held(GROUP)).policy is Policy.COMMANDS

    run(tmp_path, scene)


@pytest.mark.parametrize(
    ("typed", "settings"),
    [
        ("zone Europe/Kyiv", ChatSettings(zone="Europe/Kyiv")),
        ("zone kyiv", ChatSettings(zone="Europe/Kyiv")),
        ("time zone: New York", ChatSettings(zone="America/New_York")),
        ("Київ", ChatSettings()),
        ("tz my time is 17:45", ChatSettings(zone="Asia/Kathmandu")),
        ("my time is 17:45", ChatSettings(zone="Asia/Kathmandu")),
        ("language de", ChatSettings(language="de")),
        ("language Українська", ChatSettings(language="uk")),
        ("French", ChatSettings(language="fr")),
        ("live blogs Vote", ChatSettings(live_blogs=("vote",))),
        ("live_blogs vote, the fires  live", ChatSettings()),
        ("sources town radio", ChatSettings(sources=("Town Radio",))),
        ("sources all", ChatSettings()),
        ("policy off", ChatSettings()),  # a private chat has none
    ],
)
def test_settings_when_typed_then_kept(tmp_path: Path, typed: str, settings: ChatSettings) -> None:
    async def scene(talk: Talk) -> None:
        reply = await talk.says(typed)
        assert await talk.held(ANN) == settings
        saved = line("settings_saved", language=settings.language or "en")
        assert words(reply).startswith(saved) == (settings != ChatSettings() or typed.startswith(("sources", "live")))

    run(tmp_path, scene)


@pytest.mark.parametrize("language", LOCALES)
@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("language Klingon", "settings_wrong_language"),
        ("zone Atlantis", "settings_wrong_zone"),
        ("policy sometimes", "settings_wrong_policy"),
        ("sources Moon Times", "settings_wrong_sources"),
        ("live_blogs Nothing", "settings_wrong_live_blogs"),
        ("zone 25:61", "settings_wrong_zone"),
    ],
)
def test_settings_when_a_value_is_wrong_then_told_in_the_chats_language(
    tmp_path: Path, typed: str, key: str, language: str
) -> None:
    async def scene(talk: Talk) -> None:
        await talk.says(f"language {language}", chat=GROUP)
        reply = await talk.says(typed, chat=GROUP)
        value = typed.partition(" ")[2]
        assert words(reply).split("“")[0].split("«")[0].split("„")[0] in line(key, language=language, text="", known="")
        assert value in words(reply)
        assert await talk.held(GROUP) == ChatSettings(language=language)

    run(tmp_path, scene)


def test_settings_when_a_clock_fits_several_zones_then_those_are_asked_about(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        asked = await talk.says("my time is 15:02")
        assert words(asked) == line("settings_ask_zone")
        assert {"Kyiv", "Moscow"} <= set(labels(asked))
        assert "London" not in labels(asked)
        pressed = await talk.presses(asked, "Kyiv")
        assert pressed.toast == line("settings_saved")
        assert (await talk.held(ANN)).zone == "Europe/Kyiv"

    run(tmp_path, scene)


def test_panel_when_pressed_then_edited_in_place_and_marked(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        panel = await talk.says(chat=GROUP)
        policy = (await talk.presses(panel, "When I answer", chat=GROUP)).edit
        assert line("policy_cited_means") in words(policy)
        assert "✓ Mentions too" in labels(policy)
        changed = await talk.presses(policy, "Only with a quote", chat=GROUP)
        assert changed.toast == line("settings_saved")
        assert "When I answer: Only with a quote" in words(changed.edit)
        assert (await talk.held(GROUP)).policy is Policy.CITED
        again = (await talk.presses(changed.edit, "When I answer", chat=GROUP)).edit
        assert "✓ Only with a quote" in labels(again)
        back = (await talk.presses(again, "Back", chat=GROUP)).edit
        assert words(back).startswith("Settings of Harbour talk")

    run(tmp_path, scene)


def test_panel_when_a_language_is_picked_then_it_goes_on_in_that_language_and_back_to_the_clients(
    tmp_path: Path,
) -> None:
    async def scene(talk: Talk) -> None:
        panel = (await talk.presses(await talk.says(), "Language")).edit
        german = (await talk.presses(panel, "Deutsch")).edit
        assert words(german).startswith(line("settings_title_private", language="de"))
        auto = (await talk.presses((await talk.presses(german, "Sprache")).edit, "Telegram")).edit
        assert words(auto).startswith(line("settings_title_private"))
        assert (await talk.held(ANN)).language is None

    run(tmp_path, scene)


def test_panel_when_zones_are_many_then_paged_from_where_the_zone_stands(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        await talk.says("zone Asia/Tokyo")
        page = (await talk.presses(await talk.says(), "Time zone")).edit
        assert "✓ Tokyo" in labels(page)
        before = (await talk.presses(page, "‹")).edit
        assert "✓ Tokyo" not in labels(before)
        assert len([label for label in labels(before) if label not in "‹›"]) == PAGE + 2

    run(tmp_path, scene)


def test_live_blogs_when_toggled_then_bound_and_all_again_and_never_to_none(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        page = (await talk.presses(await talk.says(chat=GROUP), "Live blogs", chat=GROUP)).edit
        assert [label for label in labels(page) if "✓" in label] == ["✓ The fires live", "✓ Vote", "✓ all"]
        one_less = (await talk.presses(page, "fires", chat=GROUP)).edit
        assert (await talk.held(GROUP)).live_blogs == ("vote",)
        none_left = await talk.presses(one_less, "Vote", chat=GROUP)
        assert (none_left.toast, none_left.alert) == (line("settings_last_one"), True)
        await talk.presses(one_less, "fires", chat=GROUP)
        assert (await talk.held(GROUP)).live_blogs is None

    run(tmp_path, scene)


def test_private_sources_when_no_operator_asks_then_neither_shown_nor_typed(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        panel = await talk.says(chat=GROUP)
        assert "Draft" not in str(labels((await talk.presses(panel, "Live blogs", chat=GROUP)).edit))
        refused = await talk.says("sources Desk notes", chat=GROUP)
        assert words(refused) == line(
            "settings_wrong_sources", text="Desk notes", known="Harbour Gazette and Town Radio"
        )
        assert (await talk.held(GROUP)).sources is None

    run(tmp_path, scene)


def test_private_sources_when_an_operator_binds_a_chat_then_its_admins_can_keep_them(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        await talk.says("sources Desk notes, Town Radio", chat=GROUP)
        assert (await talk.held(GROUP)).sources == ("Town Radio", "Desk notes")
        talk.rooms.platform.admins.add((GROUP, BOB))
        page = (await talk.presses(await talk.says(user=BOB, chat=GROUP), "Sources", user=BOB, chat=GROUP)).edit
        assert "✓ Desk notes" in labels(page)
        await talk.presses(page, "Town Radio", user=BOB, chat=GROUP)
        assert (await talk.held(GROUP)).sources == ("Desk notes",)

    run(tmp_path, scene, operators=(ANN,))


def test_private_sources_when_an_operator_ticks_all_then_named_and_all_means_public(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        page = (await talk.presses(await talk.says(chat=GROUP), "Sources", chat=GROUP)).edit
        assert "Desk notes" in labels(page)
        await talk.presses(page, "Desk notes", chat=GROUP)
        assert (await talk.held(GROUP)).sources == ("Harbour Gazette", "Town Radio", "Desk notes")
        await talk.presses(page, "all", chat=GROUP)
        assert (await talk.held(GROUP)).sources is None

    run(tmp_path, scene, operators=(ANN,))


def test_panel_when_no_admin_presses_in_the_group_then_a_toast_and_nothing_changes(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        panel = (await talk.presses(await talk.says(chat=GROUP), "When I answer", chat=GROUP)).edit
        pressed = await talk.presses(panel, "Off", user=BOB, chat=GROUP)
        assert pressed == Pressed(toast=line("settings_admins_only"), alert=True)
        assert (await talk.held(GROUP)).policy is Policy.MENTIONS

    run(tmp_path, scene)


def test_settings_for_a_chat_when_chosen_in_private_then_only_those_one_is_an_admin_of(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        await talk.note(GROUP, ChatKind.SUPERGROUP)
        await talk.note(CHANNEL, ChatKind.CHANNEL, "Harbour news")
        await talk.note(-99, ChatKind.GROUP, "Strangers")
        rooms = (await talk.presses(await talk.says(), line("settings_which"))).edit
        assert set(labels(rooms)) == {"Settings for Harbour talk", "Settings for Harbour news", "Back"}
        channel = (await talk.presses(rooms, "Harbour news")).edit
        assert words(channel).startswith("Settings of Harbour news")
        assert line("setting_policy") not in labels(channel)
        zone = (await talk.presses(channel, "Time zone")).edit
        await talk.presses(zone, "Kyiv" if "Kyiv" in labels(zone) else labels(zone)[0])
        assert (await talk.held(CHANNEL)).zone is not None
        assert await talk.held(ANN) == ChatSettings()
        assert words((await talk.presses(rooms, "Back")).edit).startswith(line("settings_title_private"))

    run(tmp_path, scene)


def test_settings_for_a_chat_when_rights_are_lost_meanwhile_then_refused_with_a_line(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        await talk.note(GROUP, ChatKind.SUPERGROUP)
        link = StartLink(key="s1", kind=LinkKind.SETTINGS, chat_id=GROUP)
        panel = await talk.talk.open(link, incoming(ANN, None), NOW)
        policy = (await talk.presses(panel, "When I answer")).edit
        talk.rooms.platform.admins.clear()
        pressed = await talk.presses(policy, "Off", at=NOW + timedelta(minutes=1))
        assert words(pressed.edit) == line("settings_not_admin_there")
        assert (await talk.held(GROUP)).policy is Policy.MENTIONS
        refused = await talk.talk.open(link, incoming(BOB, None), NOW)
        assert words(refused) == line("settings_not_admin_there")

    run(tmp_path, scene)


def test_settings_for_a_chat_when_we_are_no_longer_in_it_then_said(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        await talk.note(GROUP, ChatKind.SUPERGROUP)
        link = StartLink(key="s1", kind=LinkKind.SETTINGS, chat_id=GROUP)
        panel = await talk.talk.open(link, incoming(ANN, None), NOW)
        await talk.rooms.db(lambda store: store.pause(GROUP, PauseReason.KICKED, at=NOW))
        assert words((await talk.presses(panel, "Language")).edit) == line("settings_unknown_chat")
        forged = replace(link, chat_id=-12345)
        assert words(await talk.talk.open(forged, incoming(ANN, None), NOW)) == line("settings_unknown_chat")

    run(tmp_path, scene)


def test_own_settings_when_somebody_else_presses_them_then_nothing_changes(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        panel = (await talk.presses(await talk.says(), "Language")).edit
        pressed = await talk.presses(panel, "Deutsch", user=BOB)
        assert pressed.edit is not None
        assert (await talk.held(ANN)).language is None

    run(tmp_path, scene)


def test_zone_when_asked_for_then_a_plain_city_is_the_answer_and_a_question_is_not(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        async def typed(text: str) -> Reply | None:
            return await talk.talk.typed(incoming(ANN, None, text, command=None), NOW)

        assert await typed("Kyiv") is None, "nobody has asked for it"
        await talk.says("zone")
        assert words(await typed("Atlantis")) == line("settings_wrong_zone", text="Atlantis")
        assert words(await typed("Kyiv")).startswith(line("settings_saved"))
        assert (await talk.held(ANN)).zone == "Europe/Kyiv"
        assert await typed("London") is None
        await talk.says("zone")
        assert await typed("How many ferries sailed today?") is None
        assert await typed("London") is None

    run(tmp_path, scene)


def test_zone_when_asked_for_in_a_group_then_only_an_admins_reply_to_the_panel_is_the_answer(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        await talk.presses(await talk.says(chat=GROUP), "Time zone", chat=GROUP)

        async def replied(user: int, message_id: int | None) -> Reply | None:
            message = incoming(user, GROUP, "Kyiv", command=None, reply_to_message_id=message_id, reply_to_us=True)
            return await talk.talk.typed(message, NOW)

        assert await replied(ANN, None) is None
        assert await replied(ANN, 51) is None
        assert await replied(ANN, 50) is not None
        assert (await talk.held(GROUP)).zone == "Europe/Kyiv"

    run(tmp_path, scene)


def test_panel_when_a_title_is_hostile_then_it_stands_harmless_in_texts_and_labels(tmp_path: Path) -> None:
    async def scene(talk: Talk) -> None:
        await talk.note(GROUP, ChatKind.SUPERGROUP, "https://evil.example/" + "x" * 200)
        rooms = (await talk.presses(await talk.says(), line("settings_which"))).edit
        assert all(len(label) <= 42 for label in labels(rooms))
        panel = (await talk.presses(rooms, "https: //evil")).edit
        assert "https://" not in words(panel)

    run(tmp_path, scene)
