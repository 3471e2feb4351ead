"""Alerts, through the real Application, bot.db and outbox against the strict server, by a clock moved by hand."""

import pytest

from bot.deliveries import State
from bot.texts import line
from index import LiveBlog, Update
from tests.bot.tg.house import NOON, House, play
from tests.botapi import Message, Person
from tests.botapi.places import Place

pytestmark = pytest.mark.enable_socket

WORDS = "How many seals were counted on the breakwater?"
SEVEN = "Seven seals were counted on the breakwater."
AGAIN = "On the breakwater seven seals were counted."
NINE = "Nine seals were counted on the breakwater."
HEADER = line("alert_header", words=WORDS)
HOUR_S, DAY_S = 3600.0, 24 * 3600.0


async def watched(house: House, person: Person, to: Place | None = None) -> None:
    """Watch for seals; what stands at noon is of before."""
    house.clock.moves(60)
    offer = await house.server.reply_to(person.says(f"/watch {WORDS}", to=to))
    assert line("watch_backtest_none", words=WORDS) in offer.text
    person.presses(offer, line("watch_keep"))
    place = to or person
    await house.server.until(lambda: any(line("watch_kept") in each.text for each in place.ours))
    await begun(house)


async def begun(house: House) -> None:
    """Wait until what changes is followed."""
    for _ in range(100):
        if await house.db(lambda store: store.followed("alerts")) is not None:
            return
        await house.server.quiet(for_s=0.05)
    raise AssertionError("nobody follows")


async def told(house: House, text: str, key: str = "") -> None:
    """Take an update in, as first seen now; a second one of its key is a revision."""
    now = house.clock()
    update = Update(key=key or text, title="", text=text, live_blog="shore", published_at=NOON if key else now)
    blogs = [LiveBlog(key="shore", title="The shore, live")]
    await house.read(lambda archive: archive.take("Shore Post", [update], now=now, live_blogs=blogs))


def alerts(place: Place) -> list[Message]:
    return [each for each in place.ours if each.text.startswith(HEADER)]


async def until_alerts(house: House, place: Place, count: int) -> Message:
    """Wait for so many alerts, and no more; returns the newest."""
    await house.server.until(lambda: len(alerts(place)) >= count)
    await house.server.quiet(for_s=0.4)
    assert len(alerts(place)) == count
    return alerts(place)[-1]


async def no_more(house: House, place: Place, count: int) -> None:
    await house.server.quiet(for_s=0.6)
    assert len(alerts(place)) == count


def test_alert_when_kept_by_button_then_once_and_again_for_another_figure_only() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await watched(house, ann)
        house.clock.moves(60)
        await told(house, SEVEN)
        first = await until_alerts(house, ann, 1)
        assert SEVEN in first.of("blockquote") + first.of("expandable_blockquote")
        assert [[each.text for each in row] for row in first.keyboard] == [[line("watch_pause"), line("watch_delete")]]
        house.clock.moves(HOUR_S)
        await told(house, AGAIN)
        await no_more(house, ann, 1)
        await told(house, NINE)
        assert NINE in (await until_alerts(house, ann, 2)).text
        states = await house.db(lambda store: store._rows("select state from outbox"))
        assert [str(state) for (state,) in states] == [State.SENT, State.SENT]

    assert play(scene).refused() == []


def test_alert_when_the_update_itself_is_revised_then_the_reader_is_told_once() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await watched(house, ann)
        house.clock.moves(60)
        await told(house, SEVEN, "seals")
        await until_alerts(house, ann, 1)
        before = len(ann.ours)
        house.clock.moves(HOUR_S)
        await told(house, NINE, "seals")
        await house.server.until(lambda: any("Nine seals" in each.text for each in ann.ours[before:]))
        for _ in range(3):
            house.clock.moves(HOUR_S)
            await house.server.quiet(for_s=0.3)
        assert sum("Nine seals" in each.text for each in ann.ours[before:]) == 1

    assert play(scene).refused() == []


def test_alert_when_it_tells_a_change_within_the_hour_then_the_one_before_shows_it_first_and_no_reply_follows() -> None:
    twelve = NINE.replace("Nine", "Twelve")

    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await watched(house, ann)
        house.clock.moves(60)
        await told(house, SEVEN, "seals")
        first = await until_alerts(house, ann, 1)
        house.clock.moves(HOUR_S)
        await told(house, NINE, "seals")
        await house.server.until(lambda: NINE in first.text)
        await house.server.until(lambda: ann.ours[-1] is not first and NINE in ann.ours[-1].text)
        before = len(ann.ours)
        house.clock.moves(660)
        await told(house, twelve, "seals")
        second = await until_alerts(house, ann, 2)
        assert twelve in first.text
        assert twelve in second.text
        assert ann.ours[before:] == [second]
        house.clock.moves(HOUR_S)
        await house.server.quiet(for_s=0.5)
        assert ann.ours[before:] == [second], "the alert has told it"

    assert play(scene).refused() == []


def test_alert_when_gap_cap_and_quiet_hours_hold_then_it_comes_after_them() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await watched(house, ann)
        panel = await house.server.reply_to(ann.says("/watches"))
        ann.presses(panel, line("digest_quiet"))
        await house.server.until(lambda: panel.text == line("watch_ask_quiet"))
        ann.presses(panel, "22:00-07:00")
        await house.server.until(lambda: panel.text.startswith(line("watch_title_private")))
        await told(house, SEVEN)
        await until_alerts(house, ann, 1)
        house.clock.moves(60)
        await told(house, NINE)
        await no_more(house, ann, 1)
        house.clock.moves(600)
        await until_alerts(house, ann, 2)
        house.clock.moves(11 * HOUR_S)
        await told(house, NINE.replace("Nine", "Twelve"))
        await no_more(house, ann, 2)
        house.clock.moves(9 * HOUR_S)
        assert "Twelve seals" in (await until_alerts(house, ann, 3)).text

    assert play(scene).refused() == []


def test_alert_when_paused_under_it_then_silence_until_it_goes_on_and_deleted_for_good() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await watched(house, ann)
        await told(house, SEVEN)
        first = await until_alerts(house, ann, 1)
        ann.presses(first, line("watch_pause"))
        await house.server.until(lambda: first.buttons and first.buttons[0].text == line("watch_resume"))
        house.clock.moves(HOUR_S)
        await told(house, NINE)
        await no_more(house, ann, 1)
        ann.presses(first, line("watch_resume"))
        await house.server.until(lambda: first.buttons and first.buttons[0].text == line("watch_pause"))
        await no_more(house, ann, 1)
        await told(house, NINE.replace("Nine", "Twelve"))
        second = await until_alerts(house, ann, 2)
        ann.presses(second, line("watch_delete"))
        await house.server.until(lambda: not second.buttons)
        assert await house.db(lambda store: store.watches(ann.id)) == ()
        house.clock.moves(HOUR_S)
        await told(house, NINE.replace("Nine", "Twenty"))
        await no_more(house, ann, 2)

    assert play(scene).refused() == []


def test_alert_when_blocked_then_kept_but_nothing_of_that_time_comes_after_the_return() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        await watched(house, ann)
        ann.blocks()
        await house.server.quiet(for_s=0.3)
        house.clock.moves(HOUR_S)
        await told(house, SEVEN)
        await no_more(house, ann, 0)
        ann.starts()
        await no_more(house, ann, 0)
        await told(house, NINE)
        await until_alerts(house, ann, 1)

    play(scene)


def test_alert_when_in_a_forum_then_in_the_topic_that_asked_and_only_admins_stop_it() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        bob = house.server.user("Bob", started=True)
        forum = house.server.supergroup("Desk", ann, bob, forum=True)
        topic = forum.topic("News")
        bob.says(f"/watch {WORDS}", to=topic)
        await house.server.quiet(for_s=0.3)
        assert topic.ours == []
        await watched(house, ann, topic)
        house.clock.moves(60)
        await told(house, SEVEN)
        alert = await until_alerts(house, topic, 1)
        bob.presses(alert, line("watch_delete"))
        await house.server.quiet(for_s=0.3)
        assert len(await house.db(lambda store: store.watches(forum.id))) == 1

    assert play(scene).refused() == []


def test_alert_when_for_a_channel_then_kept_in_private_and_posted_there() -> None:
    async def scene(house: House) -> None:
        ann = house.server.user("Ann", started=True)
        channel = house.server.channel("Shore news", ann, bot=None)
        channel.adds_bot(by=ann)
        channel.promotes_bot()
        await house.server.quiet(for_s=0.3)
        house.clock.moves(60)
        offer = await house.server.reply_to(ann.says(f"/watch {WORDS}"))
        ann.presses(offer, line("watch_rooms"))
        await house.server.until(lambda: any(each.text == line("watch_rooms") for each in ann.ours))
        rooms = next(each for each in ann.ours if each.text == line("watch_rooms"))
        ann.presses(rooms, "Shore news")
        await house.server.until(lambda: any(line("watch_kept") in each.text for each in ann.ours))
        await begun(house)
        house.clock.moves(60)
        await told(house, SEVEN)
        await until_alerts(house, channel, 1)
        assert alerts(ann) == []

    assert play(scene).refused() == []
