"""Digests, through the real Application, bot.db and outbox against the strict server, by a clock moved by hand."""

import pytest

from bot.deliveries import State
from bot.texts import line
from index import LiveBlog, Update
from tests.bot.tg.house import NOON, House, play
from tests.botapi import Message, Person
from tests.botapi.places import Place

pytestmark = pytest.mark.enable_socket

OFFER = line("subscribe_take", days="daily", time="08:00", zone="UTC")
FERRY = "Eleven ferries carried 640 islanders home before dusk."
DAY_S = 24 * 3600.0


async def subscribed(house: House, person: Person, to: Place | None = None) -> None:
    house.clock.moves(60)  # what stands at noon is of before
    panel = await house.server.reply_to(person.says("/subscribe", to=to))
    person.presses(panel, OFFER)
    await house.server.until(lambda: "08:00" in panel.text and "Time" in panel.text)


async def told(house: House, text: str, key: str = "late") -> None:
    """Take an update in, as first seen now."""
    now = house.clock()
    update = Update(key=key, title="Islanders home", text=text, live_blog="harbour", published_at=now)
    blogs = [LiveBlog(key="harbour", title="The harbour, live")]
    await house.read(lambda archive: archive.take("Harbour Gazette", [update], now=now, live_blogs=blogs))


def digests(place: Place) -> list[Message]:
    return [each for each in place.ours if each.text.startswith(("Digest,", "No news"))]


async def at_eight(house: House, *, days: int = 1) -> None:
    """Move the clock to 08:00 of the next day, or of a later one."""
    morning = NOON.replace(hour=8).timestamp() + DAY_S * days
    while morning <= house.clock().timestamp():
        morning += DAY_S
    house.clock.moves(morning - house.clock().timestamp())


async def states(house: House) -> list[str]:
    rows = await house.db(lambda store: store._rows("select state from outbox order by id"))
    return [str(row[0]) for row in rows]


def test_digest_when_subscribed_by_button_then_it_comes_once_at_its_local_time() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        house.clock.moves(60)
        await told(house, FERRY)
        await at_eight(house)
        house.clock.moves(-60)
        await house.server.quiet(for_s=0.5)
        assert digests(ann) == []
        house.clock.moves(60)
        await house.server.until(lambda: digests(ann))
        house.clock.moves(60)
        await house.server.quiet(for_s=0.5)
        (digest,) = digests(ann)
        assert FERRY in digest.text
        assert "Nine ferries" not in digest.text, "that was before"
        assert await states(house) == [State.SENT]

    assert play(scene).refused() == []


def test_digest_when_with_a_picture_then_after_the_words_once_also_in_the_preview() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        await house.server.reply_to(ann.says("/subscribe with a picture"))
        for hour in range(4):
            house.clock.moves(3600)
            await told(house, f"Ferry number {hour + 1} has left the quay with islanders.", key=f"ferry{hour}")
        await house.server.reply_to(ann.says("/digest"))
        await house.server.until(lambda: pictures(ann))
        await at_eight(house)
        await house.server.until(lambda: len(pictures(ann)) == 2)
        house.clock.moves(60)
        await house.server.quiet(for_s=0.5)
        preview, picture = pictures(ann)
        assert len(pictures(ann)) == 2
        assert picture.text.startswith(
            "Updates per hour, 4 May 2031, 13:00 UTC to 17:00 UTC: 4 updates, at most 1 in an hour"
        )
        assert ann.ours.index(digests(ann)[-1]) + 1 == ann.ours.index(picture)
        photo = picture.wording.media["photo"][0]["file_id"]
        assert house.server.core.world.files[photo].startswith(b"\x89PNG")
        assert not preview.keyboard
        assert await states(house) == [State.SENT, State.SENT]
        assert await house.db(lambda store: store.sent_by_message(ann.id, picture.message_id)) is None

    assert play(scene).refused() == []


def pictures(place: Place) -> list[Message]:
    return [each for each in place.ours if "photo" in each.wording.media]


def test_digest_when_nothing_is_new_then_silence() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        await at_eight(house)
        await house.server.quiet(for_s=0.5)
        assert digests(ann) == []
        (one,) = await house.db(lambda store: store.subscriptions(ann.id))
        assert one.window_no == 1

    play(scene)


def test_digest_when_days_were_missed_then_one_for_all_of_them() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        house.clock.moves(60)
        await told(house, FERRY)
        await at_eight(house, days=5)
        await house.server.until(lambda: digests(ann))
        await house.server.quiet(for_s=0.5)
        assert [FERRY in each.text for each in digests(ann)] == [True]

    play(scene)


def test_digest_when_what_it_said_has_changed_and_nobody_said_so_then_an_update_and_the_old_figure_struck() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await house.server.reply_to(ann.says("/corrections off"))
        await subscribed(house, ann)
        house.clock.moves(60)
        await told(house, FERRY)
        await at_eight(house)
        await house.server.until(lambda: digests(ann))
        house.clock.moves(3600)
        await told(house, FERRY.replace("640", "580"))
        await at_eight(house)
        await house.server.until(lambda: len(digests(ann)) == 2)
        second = digests(ann)[1]
        assert line("digest_update") in second.text
        assert "carried 580 islanders" in second.text
        assert "carried 640 islanders" in second.text
        struck = [each for each in second.wording.entities if each["type"] == "strikethrough"]
        assert struck

    play(scene)


def test_digest_when_blocked_then_held_and_sent_after_the_return() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await subscribed(house, ann)
        house.clock.moves(60)
        await told(house, FERRY)
        ann.blocks()
        await house.server.quiet(for_s=0.3)
        await at_eight(house)
        await house.server.quiet(for_s=0.5)
        assert digests(ann) == []
        assert len(await house.db(lambda store: store.subscriptions(ann.id))) == 1
        ann.starts()
        await house.server.until(lambda: digests(ann))
        await house.server.quiet(for_s=0.5)
        assert len(digests(ann)) == 1

    play(scene)


def test_digest_when_in_a_group_then_in_the_topic_that_asked() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        forum = house.server.supergroup("Desk", ann, forum=True)
        topic = forum.topic("News")
        await subscribed(house, ann, topic)
        house.clock.moves(60)
        await told(house, FERRY)
        await at_eight(house)
        await house.server.until(lambda: digests(topic))
        assert FERRY in digests(topic)[0].text

    assert play(scene).refused() == []


def test_digest_when_for_a_channel_then_chosen_in_private_and_posted_there() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        channel = house.server.channel("Harbour news", ann, bot=None)
        channel.adds_bot(by=ann)
        channel.promotes_bot()
        await house.server.quiet(for_s=0.3)
        panel = await house.server.reply_to(ann.says("/subscribe"))
        ann.presses(panel, line("digest_rooms"))
        await house.server.until(lambda: panel.text == line("digest_rooms"))
        ann.presses(panel, "Harbour news")
        await house.server.until(lambda: panel.text.startswith("Digest in Harbour news"))
        ann.presses(panel, OFFER)
        await house.server.until(lambda: "Time: 08:00" in panel.text)
        house.clock.moves(60)
        await told(house, FERRY)
        await at_eight(house)
        await house.server.until(lambda: digests(channel))
        assert FERRY in digests(channel)[0].text
        assert digests(ann) == []

    play(scene)
