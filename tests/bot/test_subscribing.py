"""Beginning, changing and ending a digest, over the real archive and bot.db."""

from datetime import timedelta
from pathlib import Path

from bot.schedule import Days
from bot.subscriptions import Subscription
from bot.texts import line
from bot.types import Place
from tests.bot.rooms import FakePlatform
from tests.bot.scene import GROUP, NOW, Scene, labels, play, quoted, said

OFFER = "Subscribe: daily at 08:00, UTC"


async def held(scene: Scene, chat_id: int = 7) -> tuple[Subscription, ...]:
    return await scene.store(lambda store: store.subscriptions(chat_id))


def test_subscribe_when_plain_then_one_press_begins_it(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        offer = await scene.ask("/subscribe")
        assert labels(offer) == [[OFFER]]
        assert await held(scene) == ()
        pressed = await scene.press(offer, OFFER)
        assert pressed.toast == line("settings_saved")
        assert pressed.edit is not None
        assert "Time: 08:00" in said(pressed.edit)[0]
        (one,) = await held(scene)
        assert (one.window_since, one.next_due_at) == (NOW, NOW.replace(day=19, hour=8, minute=0))
        assert one.seq > 0

    play(tmp_path, act)


def test_subscribe_when_typed_then_begun_as_typed_and_changed_by_button(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        panel = await scene.ask("/subscribe weekdays 07:30 Kyiv")
        (one,) = await held(scene)
        assert (str(one.choice.rhythm.at), one.choice.rhythm.zone) == ("07:30:00", "Europe/Kyiv")
        days = await scene.press(panel, "Days")
        assert days.edit is not None
        assert labels(days.edit)[0] == ["daily", "✓ weekdays"]
        await scene.press(days.edit, "daily")
        (one,) = await held(scene)
        assert one.choice.rhythm.days is Days.DAILY
        await scene.ask("/subscribe quiet 22:00-07:00")
        assert len(await held(scene)) == 1
        notices = await scene.store(lambda store: store.notices(7))
        assert str(notices.quiet) == "22:00-07:00 Europe/Kyiv"

    play(tmp_path, act)


def test_subscribe_when_a_picture_is_chosen_then_by_button_and_by_word(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        panel = await scene.ask("/subscribe 07:30")
        assert "Picture: no picture" in said(panel)[1]
        choice = await scene.press(panel, "Picture")
        assert choice.edit is not None
        assert labels(choice.edit)[0] == ["with a picture", "✓ no picture"]
        await scene.press(choice.edit, "with a picture")
        assert [one.choice.picture for one in await held(scene)] == [True]
        for typed, expected in (
            ("picture off", False), ("picture", True), ("08:00 no picture", False), ("with a picture", True),
        ):  # fmt: skip
            await scene.ask(f"/subscribe {typed}")
            assert [one.choice.picture for one in await held(scene)] == [expected], typed
        assert said(await scene.ask("/subscribe on"))[0] == line("subscribe_unread", text="on")

    play(tmp_path, act)


def test_digest_when_previewed_with_a_picture_then_it_comes_with_it(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.now -= timedelta(minutes=1)
        await scene.ask("/subscribe 07:30 with a picture")
        scene.now += timedelta(minutes=2)
        preview = await scene.ask("/digest")
        assert preview.picture is not None
        assert preview.picture.words.startswith(
            "Updates per hour, 17 June 2026, 02:00 UTC to 18 June 2026, 12:00 UTC: 40 "
        )
        await scene.ask("/subscribe no picture")
        assert (await scene.ask("/digest")).picture is None

    play(tmp_path, act)


def test_subscribe_when_several_zones_show_the_time_then_they_are_offered(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        zones = await scene.ask("/subscribe my time is 14:30")
        await scene.press(zones, "Berlin")
        (one,) = await held(scene)
        assert one.choice.rhythm.zone == "Europe/Berlin"

    play(tmp_path, act)


def test_subscribe_when_unreadable_then_said_and_nothing_begins(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask("/subscribe whenever it rains")
        assert said(reply)[0] == line("subscribe_unread", text="whenever it rains")
        assert await held(scene) == ()

    play(tmp_path, act)


def test_unsubscribe_when_there_is_one_then_it_ends(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert said(await scene.ask("/unsubscribe")) == [line("unsubscribe_none")]
        await scene.ask("/subscribe 07:30")
        assert said(await scene.ask("/unsubscribe")) == [line("unsubscribed")]
        assert await held(scene) == ()

    play(tmp_path, act)


def test_subscribe_when_the_language_was_the_clients_then_it_is_kept_for_what_comes_unasked(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask("/subscribe 07:30", language="de")
        chat = await scene.store(lambda store: store.chat(7))
        assert chat is not None
        assert chat.settings.language == "de"

    play(tmp_path, act)


def test_digest_when_previewed_then_quotes_and_no_window_moves(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.now += timedelta(minutes=1)
        preview = await scene.ask("/digest")
        assert len(quoted(preview)) == 8
        assert line("digest_hint") in said(preview)
        await scene.ask("/subscribe 07:30")
        before = await held(scene)
        scene.now += timedelta(hours=1)
        assert said(await scene.ask("/digest"))[0].startswith("No news")
        assert await held(scene) == before
        sent = await scene.store(lambda store: store.told_unasked(7, None))
        assert sent == ()

    play(tmp_path, act)


def test_digest_why_when_asked_then_last_next_and_what_it_would_hold(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert said(await scene.ask("/digest why")) == [line("digest_why_none")]
        await scene.ask("/subscribe 07:30")
        (told,) = said(await scene.ask("/digest why"))
        assert line("digest_why_first") in told
        assert "19 June 2026, 07:30 UTC" in told
        assert "0 highlights" in told

    play(tmp_path, act)


def test_subscribe_when_in_a_group_then_admins_only_and_per_topic(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.desk.meet(FakePlatform((GROUP, 7)))
        assert await scene.say("/subscribe", place=Place.GROUP, user_id=8) is None
        panel = await scene.ask("/subscribe", place=Place.GROUP, thread_id=5)
        refused = await scene.press(panel, OFFER, user_id=8, place=Place.GROUP)
        assert refused.toast == line("settings_admins_only")
        await scene.press(panel, OFFER, place=Place.GROUP)
        (one,) = await held(scene, GROUP)
        assert one.thread_id == 5
        assert said(await scene.ask("/unsubscribe", place=Place.GROUP)) == [line("unsubscribe_none")]
        await scene.ask("/unsubscribe", place=Place.GROUP, thread_id=5)
        assert await held(scene, GROUP) == ()

    play(tmp_path, act)


def test_subscribe_when_for_a_room_then_from_its_admins_private_chat(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.desk.meet(FakePlatform((GROUP, 7)))
        await scene.ask("/help", place=Place.GROUP)
        panel = await scene.ask("/subscribe")
        rooms = await scene.press(panel, line("digest_rooms"))
        assert rooms.edit is not None
        room = await scene.press(rooms.edit, "Harbour talk")
        assert room.edit is not None
        assert said(room.edit)[0] == line("digest_title", chat="Harbour talk")
        await scene.press(room.edit, OFFER)
        assert [one.chat_id for one in await held(scene, GROUP)] == [GROUP]
        assert await held(scene) == ()
        scene.desk.meet(FakePlatform())
        scene.now += timedelta(minutes=2)
        gone = await scene.press(room.edit, OFFER)
        assert gone.toast == line("settings_admins_only")

    play(tmp_path, act)


def test_privacy_and_forget_when_subscribed_then_they_cover_it(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask("/subscribe 07:30")
        assert line("forget_digest") in said(await scene.ask("/privacy"))[2]
        asked = await scene.ask("/forget")
        assert line("forget_digest") in said(asked)[0]
        await scene.press(asked, line("button_forget"))
        assert await held(scene) == ()

    play(tmp_path, act)
