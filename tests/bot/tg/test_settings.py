"""Settings, through the real Application against the strict server: by command, by button, from the private chat."""

import pytest

from bot.settings import Policy
from bot.texts import line
from tests.bot.tg.house import ANSWER, ASKED, UNSAID, House, play
from tests.botapi import Group, Message, Person

pytestmark = pytest.mark.enable_socket


async def press(house: House, person: Person, message: Message, label: str) -> str:
    """Press a button and return the toast, once the message has followed."""
    edits = len(message.history)
    pressed = person.presses(message, label)
    await house.server.until(lambda: pressed.answer)
    await house.server.quiet(for_s=0.1)
    assert pressed.answer is not None
    text = str(pressed.answer.get("text", ""))
    assert text or len(message.history) > edits or message.edited_at
    return text


def a_group(house: House) -> tuple[Person, Person, Group]:
    ann, bob = house.server.user("Ann"), house.server.user("Bob")
    return ann, bob, house.server.supergroup("Desk", ann, bob)


def test_settings_when_an_admin_asks_in_the_group_then_buttons_change_them_in_place() -> None:
    async def scene(house: House) -> None:
        ann, bob, group = a_group(house)
        panel = await house.server.reply_to(ann.says("/settings", to=group))
        assert panel.text.startswith("Settings of Desk")
        await press(house, ann, panel, "When I answer")
        assert line("policy_cited_means") in panel.text
        assert await press(house, bob, panel, "Off") == line("settings_admins_only")
        assert await press(house, ann, panel, "Only with a quote") == line("settings_saved")
        assert "When I answer: Only with a quote" in panel.text
        assert (await house.chat(group.id)).settings.policy is Policy.CITED
        await press(house, ann, panel, "Language")
        assert await press(house, ann, panel, "Українська") == line("settings_saved", language="uk")
        assert panel.text.startswith(line("settings_title", language="uk", chat="Desk"))
        assert len(group.ours) == 1
        answer = await house.server.reply_to(bob.says("/help", to=group))
        assert answer.text.startswith(line("help", language="uk")[:20])

    assert play(scene).refused() == []


def test_settings_when_the_same_thing_is_pressed_twice_then_no_error() -> None:
    async def scene(house: House) -> None:
        ann, _, group = a_group(house)
        panel = await house.server.reply_to(ann.says("/settings policy", to=group))
        ann.presses(panel, "Mentions too")
        ann.presses(panel, "Mentions too")
        await house.server.quiet()
        assert (await house.chat(group.id)).settings.policy is Policy.MENTIONS

    play(scene)


def test_settings_when_no_admin_asks_then_refused_where_named_else_silence() -> None:
    async def scene(house: House) -> None:
        _, bob, group = a_group(house)
        refusal = await house.server.reply_to(bob.says("/settings@dateline_bot policy off", to=group))
        assert refusal.text == line("settings_admins_only")
        bob.says("/settings policy off", to=group)
        await house.server.quiet()
        assert len(group.ours) == 1
        assert (await house.chat(group.id)).settings.policy is Policy.MENTIONS

    assert play(scene).refused() == []


def test_settings_when_an_anonymous_admin_asks_then_they_may_and_press_too() -> None:
    async def scene(house: House) -> None:
        ann, bob, group = a_group(house)
        group.promotes(bob, anonymous=True)
        reply = await house.server.reply_to(group.says_anonymously("/settings policy commands"))
        assert reply.text.startswith(line("settings_saved"))
        assert (await house.chat(group.id)).settings.policy is Policy.COMMANDS
        assert await press(house, bob, reply, "Language") == ""
        assert line("settings_ask_language") in reply.text
        assert ann.user.id

    assert play(scene).refused() == []


def test_settings_when_off_then_only_the_admins_settings_are_answered() -> None:
    async def scene(house: House) -> None:
        ann, bob, group = a_group(house)
        await house.server.reply_to(ann.says("/settings policy off", to=group))
        for text in (f"/ask {ASKED}", "/help", "/settings@dateline_bot"):
            bob.says(text, to=group)
        await house.server.quiet(for_s=0.8)
        assert len(group.ours) == 1
        await house.server.reply_to(ann.says("/settings", to=group))

    assert play(scene).refused() == []


def test_settings_for_a_group_when_opened_in_private_by_its_link_then_set_from_there() -> None:
    async def scene(house: House) -> None:
        ann, bob, group = a_group(house)
        panel = await house.server.reply_to(ann.says("/settings", to=group))
        private = await house.server.reply_to(ann.opens(panel, line("button_in_private")))
        assert private.text.startswith("Settings of Desk")
        await press(house, ann, private, "Time zone")
        typed = await house.server.reply_to(ann.says("Kyiv"))
        assert typed.text.startswith(line("settings_saved"))
        assert (await house.chat(group.id)).settings.zone == "Europe/Kyiv"
        assert (await house.chat(ann.id)).settings.zone is None
        refused = await house.server.reply_to(bob.opens(panel, line("button_in_private")))
        assert refused.text == line("settings_not_admin_there")

    assert play(scene).refused() == []


def test_settings_for_a_channel_when_its_admin_is_in_private_then_listed_and_set() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        await house.server.reply_to(ann.starts())
        channel = house.server.channel("Harbour wire", ann, bot=None)
        stranger = house.server.supergroup("Strangers", bot=None)
        channel.promotes_bot()
        stranger.adds_bot()
        await house.server.quiet()
        panel = await house.server.reply_to(ann.says("/settings"))
        await press(house, ann, panel, line("settings_which"))
        assert [button.text for button in panel.buttons] == ["Settings for Harbour wire", "Back"]
        await press(house, ann, panel, "Harbour wire")
        await press(house, ann, panel, "Language")
        await press(house, ann, panel, "Español")
        assert (await house.chat(channel.id)).settings.language == "es"
        assert panel.text.startswith("Settings of Harbour wire")
        assert channel.ours == []

    assert play(scene).refused() == []


def test_settings_when_rights_are_lost_meanwhile_then_refused_with_a_line() -> None:
    async def scene(house: House) -> None:
        _, bob, group = a_group(house)
        group.promotes(bob)
        panel = await house.server.reply_to(bob.says("/settings", to=group))
        private = await house.server.reply_to(bob.opens(panel, line("button_in_private")))
        group.demotes(bob)
        house.clock.moves(61)
        await press(house, bob, private, "When I answer")
        assert private.text == line("settings_not_admin_there")
        assert private.buttons == []

    assert play(scene).refused() == []


@pytest.mark.parametrize(
    ("typed", "key"),
    [
        ("zone Atlantis", "settings_wrong_zone"),
        ("language Klingon", "settings_wrong_language"),
        ("live_blogs Nothing", "settings_wrong_live_blogs"),
    ],
)
def test_settings_when_typed_wrong_then_told_in_the_persons_language(typed: str, key: str) -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", language="de")
        reply = await house.server.reply_to(ann.says(f"/settings {typed}"))
        assert reply.text.startswith(line(key, language="de", text=typed.partition(" ")[2], known="")[:20])

    assert play(scene).refused() == []


def test_settings_when_bound_to_a_live_blog_then_answers_come_from_it_only() -> None:
    async def scene(house: House) -> None:
        ann, _, group = a_group(house)
        before = await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))
        assert ANSWER in before.text
        panel = await house.server.reply_to(ann.says("/settings live blogs", to=group))
        assert await press(house, ann, panel, "harbour") == line("settings_saved")
        after = await house.server.reply_to(ann.says(f"/ask {ASKED}", to=group))
        assert ANSWER not in after.text
        assert await press(house, ann, panel, "council") == line("settings_last_one")

    assert play(scene).refused() == []


def test_own_settings_when_language_and_zone_are_set_then_answers_follow() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann")
        await house.server.reply_to(ann.says("/settings language fr"))
        await house.server.reply_to(ann.says("/settings my time is 17:45"))
        settings = (await house.chat(ann.id)).settings
        assert (settings.language, settings.zone) == ("fr", "Asia/Kathmandu")
        answer = await house.server.reply_to(ann.says(UNSAID))
        assert line("abstained", language="fr") in answer.text

    assert play(scene).refused() == []
