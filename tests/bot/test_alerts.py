"""What is new becomes alerts in the outbox, over the real archive and bot.db: once, as news, as often as is allowed."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.alerts import MORNING, free_at
from bot.deliveries import Rendered
from bot.records import ChatKind, PauseReason
from bot.schedule import Quiet
from bot.settings import ChatSettings
from bot.subscriptions import Notices
from bot.texts import line
from bot.tg.posting import rendered
from bot.types import Reply
from bot.watches import Watch
from index import LiveBlog, Update
from tests.bot.scene import NOW, Scene, play
from tests.bot.test_store import Failing, connection
from tests.index.fakes import BagEncoder

ANN, BOB = 7, 8
WORDS = "How many seals were counted on the breakwater?"
SEVEN = "Seven seals were counted on the breakwater."
AGAIN = "On the breakwater seven seals were counted."
NINE = "Nine seals were counted on the breakwater."
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NO_SAMPLE = Path("no sample")


def render(reply: Reply) -> tuple[Rendered, ...]:
    return rendered(reply, our_name="datelinebot")


async def watch(scene: Scene, chat_id: int = ANN, words: str = WORDS, **given: Any) -> Watch:  # noqa: ANN401
    await scene.store(lambda store: store.note_chat(chat_id, kind=ChatKind.PRIVATE, at=scene.now))
    return await scene.store(lambda store: store.add_watch(chat_id, words, now=scene.now, **given))


async def news(scene: Scene, text: str, key: str = "", *, live_blog: str = "shore", source: str = "Shore Post") -> None:
    """Take an update in, published and first seen now; a second one of its key is a revision."""
    now = scene.now
    update = Update(key=key or text, title="", text=text, live_blog=live_blog, published_at=now if not key else NOW)
    blogs = [LiveBlog(key=live_blog, title=f"The {live_blog}, live")]
    await scene.archive(lambda archive: archive.take(source, [update], now=now, live_blogs=blogs))


async def waiting(scene: Scene) -> list[str]:
    """Return what the outbox holds, in order."""
    rows = await scene.store(
        lambda store: store._rows("select plain from outbox join bodies on bodies.id = body_id order by outbox.id")
    )
    return [str(row[0]) for row in rows]


async def tick(scene: Scene, after: timedelta = MINUTE) -> list[str]:
    """Let time pass and plan; returns what was put into the outbox, in order."""
    scene.now += after
    before = await waiting(scene)
    planned = await scene.desk.unasked.plan(scene.now, render)
    put = (await waiting(scene))[len(before) :]
    assert planned == len(put)
    return put


async def begun(scene: Scene, **given: Any) -> Watch:  # noqa: ANN401  as `watch` takes them
    """Begin following, with one watch."""
    one = await watch(scene, **given)
    assert await tick(scene) == []
    return one


def on_the_shore(tmp_path: Path, *acts: Any) -> None:  # noqa: ANN401  as `play` takes them
    play(tmp_path, *acts, sample=NO_SAMPLE)


def test_alert_when_an_update_answers_then_once_with_its_words_and_not_for_what_was_there_before(
    tmp_path: Path,
) -> None:
    async def act(scene: Scene) -> None:
        await news(scene, SEVEN)
        await begun(scene)
        await news(scene, NINE)
        (alert,) = await tick(scene)
        assert alert.startswith(line("alert_header", words=WORDS))
        assert NINE in alert
        assert SEVEN not in alert
        assert await tick(scene, HOUR) == []
        await news(scene, "The harbour café sells soup.")
        assert await tick(scene, HOUR) == []

    on_the_shore(tmp_path, act)


def test_alert_when_it_is_a_rephrasing_then_not_and_when_a_figure_changed_then_again(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene)
        await news(scene, SEVEN)
        assert len(await tick(scene)) == 1
        await news(scene, AGAIN)
        assert await tick(scene, HOUR) == []
        await news(scene, NINE)
        (alert,) = await tick(scene, HOUR)
        assert NINE in alert
        await news(scene, SEVEN.replace("were", "now were"))
        (back,) = await tick(scene, HOUR)
        assert "Seven seals" in back, "it is seven again, and that is news"

    on_the_shore(tmp_path, act)


def test_alert_when_an_update_is_revised_then_for_a_figure_only(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene)
        await news(scene, SEVEN, "seals")
        assert len(await tick(scene)) == 1
        await news(scene, SEVEN.replace("counted", "counted,"), "seals")
        assert await tick(scene, HOUR) == []
        await news(scene, NINE, "seals")
        (alert,) = await tick(scene, HOUR)
        assert NINE in alert

    on_the_shore(tmp_path, act)


def test_alert_when_an_answer_told_it_already_then_not(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene)
        await news(scene, SEVEN)
        scene.now += MINUTE
        await scene.ask(WORDS)
        assert await tick(scene) == []
        await watch(scene, BOB)
        await news(scene, AGAIN)
        (bobs,) = await tick(scene)
        assert AGAIN in bobs

    on_the_shore(tmp_path, act)


def test_alert_when_several_updates_answer_at_once_then_one_message_with_what_stands(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene)
        await news(scene, SEVEN)
        scene.now += MINUTE
        await news(scene, NINE)
        (alert,) = await tick(scene)
        assert NINE in alert
        assert SEVEN not in alert, "superseded before anybody was told"

    on_the_shore(tmp_path, act)


def test_alert_when_two_watches_of_a_chat_are_answered_by_the_same_then_it_is_told_once(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await watch(scene)
        await watch(scene, words="seals counted on the breakwater")
        await watch(scene, BOB)
        await tick(scene)
        await news(scene, SEVEN)
        assert len(await tick(scene)) == 2, "Ann once, Bob once"

    on_the_shore(tmp_path, act)


def test_alert_when_the_gap_holds_then_what_still_stands_after_it(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene, gap_s=3600)
        await news(scene, SEVEN)
        assert len(await tick(scene)) == 1
        await news(scene, NINE)
        assert await tick(scene) == []
        scene.now += MINUTE
        await news(scene, NINE.replace("Nine", "Ten"))
        assert await tick(scene) == []
        (alert,) = await tick(scene, HOUR)
        assert "Ten seals" in alert
        assert "Nine seals" not in alert
        assert await tick(scene, HOUR * 2) == []

    on_the_shore(tmp_path, act)


def test_alert_when_what_the_gap_held_is_withdrawn_then_never_told(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene, gap_s=3600)
        await news(scene, SEVEN)
        assert len(await tick(scene)) == 1
        await news(scene, NINE, "nine")
        assert await tick(scene) == []
        gone = Update(key="nine", text="", live_blog="shore", published_at=NOW, withdrawn=True)
        await scene.archive(lambda archive: archive.take("Shore Post", [gone], now=scene.now))
        assert await tick(scene, HOUR * 2) == []

    on_the_shore(tmp_path, act)


def test_alert_when_the_cap_is_met_then_it_says_so_and_the_rest_comes_the_next_morning(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene, cap_per_day=1, gap_s=0)
        await news(scene, SEVEN)
        (alert,) = await tick(scene)
        assert line("alert_last", cap=1) in alert
        await news(scene, NINE)
        assert await tick(scene) == []
        scene.now = NOW.replace(day=19, hour=7, minute=58)
        assert await tick(scene) == []
        (morning,) = await tick(scene)
        assert NINE in morning

    on_the_shore(tmp_path, act)


def test_alert_when_quiet_hours_hold_then_one_message_at_their_end(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene)
        quiet = Quiet(since=time(12), until=time(15))
        await scene.store(lambda store: store.put_notices(ANN, Notices(quiet=quiet), at=NOW))
        await news(scene, SEVEN)
        assert await tick(scene) == []
        await news(scene, NINE)
        assert await tick(scene) == []
        scene.now = NOW.replace(hour=15, minute=0)
        (alert,) = await tick(scene, timedelta())
        assert NINE in alert
        assert SEVEN not in alert
        assert await tick(scene, HOUR) == []

    on_the_shore(tmp_path, act)


def test_alert_when_restarted_between_the_steps_then_neither_lost_nor_doubled(tmp_path: Path) -> None:
    async def first(scene: Scene) -> None:
        await begun(scene, gap_s=3600)
        await news(scene, SEVEN)

    async def second(scene: Scene) -> None:
        scene.now = NOW + HOUR
        assert len(await tick(scene)) == 1
        await news(scene, NINE)
        assert await tick(scene) == []

    async def third(scene: Scene) -> None:
        scene.now = NOW + HOUR * 3
        (alert,) = await tick(scene)
        assert NINE in alert

    async def fourth(scene: Scene) -> None:
        scene.now = NOW + HOUR * 9
        assert await tick(scene) == []

    on_the_shore(tmp_path, first, second, third, fourth)


def test_alert_when_any_statement_of_its_planning_fails_then_it_comes_once_all_the_same(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene, gap_s=0, cap_per_day=1000)
        whole = await scene.store(lambda store: connection(store))
        statement, failed = 0, True
        while failed:
            statement += 1
            await news(scene, f"{100 + statement} seals were counted on the breakwater.")
            failing = Failing(whole, statement)
            await scene.store(lambda store, c=failing: setattr(store, "_connection", c))  # type: ignore[misc]
            await scene.desk.unasked.plan(scene.now, render)
            failed = failing._left < 1
            await scene.store(lambda store: setattr(store, "_connection", whole))
            await tick(scene)
            assert len(await waiting(scene)) == statement
        assert 20 < statement < 100

    on_the_shore(tmp_path, act)


def test_alert_when_paused_or_deleted_or_blocked_then_nothing_also_not_later(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        paused, deleted = await begun(scene), await watch(scene, BOB)
        await watch(scene, 9)
        await tick(scene)
        await scene.store(lambda store: store.pause_watch(paused.id))
        await scene.store(lambda store: store.delete_watch(deleted.id))
        await scene.store(lambda store: store.pause(9, PauseReason.BLOCKED, at=scene.now))
        await news(scene, SEVEN)
        assert await tick(scene) == []
        await scene.store(lambda store: store.resume_watch(paused.id))
        await scene.store(lambda store: store.resume(9, at=scene.now))
        assert await tick(scene) == []
        await news(scene, NINE)
        assert len(await tick(scene)) == 2

    on_the_shore(tmp_path, act)


def test_alert_when_the_vector_is_of_another_encoder_then_it_is_encoded_anew(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        one = await begun(scene)
        for encoder, vector in (("another/3", b"\0" * 12), ("another/512", b"\0" * 2048)):
            await scene.store(
                lambda store, e=encoder, v=vector: store.put_watch_vector(one.id, encoder=e, vector=v)  # type: ignore[misc]
            )
            await news(scene, SEVEN if encoder == "another/3" else NINE)
            assert len(await tick(scene, HOUR)) == 1
        held = await scene.store(lambda store: store.watch(one.id))
        assert held is not None
        assert held.encoder == BagEncoder(dimension=512).id

    on_the_shore(tmp_path, act)


def test_alert_when_a_chat_is_bound_then_only_from_what_it_reads_and_in_its_language_and_zone(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene)
        bound = ChatSettings(language="de", zone="Europe/Kyiv", live_blogs=("beach",))
        await scene.store(lambda store: store.put_settings(ANN, bound, at=NOW))
        await news(scene, SEVEN)
        assert await tick(scene) == []
        await news(scene, NINE, live_blog="beach", source="Beach Post")
        (alert,) = await tick(scene)
        assert alert.startswith(line("alert_header", language="de", words=WORDS))
        assert NINE in alert
        (row,) = await scene.store(lambda store: store._rows("select language, zone from sent where kind = 'alert'"))
        assert row == ("de", "Europe/Kyiv")

    on_the_shore(tmp_path, act)


def test_alert_when_a_storm_of_updates_is_larger_than_a_tick_then_nothing_is_missed_and_jobs_stay_small(
    tmp_path: Path,
) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene)
        for n in range(3):
            await storm(scene, [f"Line {n}-{m}: the tram to stop {m} runs every {m} minutes." for m in range(300)])
        await news(scene, SEVEN)
        await scene.archive(lambda archive: archive.encode_pending())
        ticks = [await tick(scene) for _ in range(4)]
        assert [len(each) for each in ticks] == [0, 1, 0, 0], "512 changes a tick, and a vector is one too"
        assert SEVEN in ticks[1][0]

    on_the_shore(tmp_path, act)


async def storm(scene: Scene, texts: Sequence[str]) -> None:
    updates = [Update(key=text, text=text, live_blog="trams", published_at=scene.now) for text in texts]
    await scene.archive(lambda archive: archive.take("Tram Post", updates, now=scene.now))


def test_alert_when_what_is_new_has_no_vector_yet_then_it_waits_for_it(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await begun(scene)
        await storm(scene, [f"The tram to stop {m} runs." for m in range(100)])
        await news(scene, SEVEN)
        assert await tick(scene) == []
        await scene.archive(lambda archive: archive.encode_pending())
        assert len(await tick(scene)) == 1

    on_the_shore(tmp_path, act)


def test_alert_when_nobody_watched_meanwhile_then_what_came_then_is_not_told(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert await tick(scene) == []
        await news(scene, SEVEN)
        assert await tick(scene) == []
        await watch(scene)
        assert await tick(scene) == []
        await news(scene, NINE)
        assert len(await tick(scene)) == 1

    on_the_shore(tmp_path, act)


NIGHT = Quiet(since=time(22), until=time(7), zone="Europe/Kyiv")
AT = datetime(2031, 5, 4, 12, tzinfo=UTC)
FIRED = Watch(
    id="w", chat_id=ANN, text="seals", created_at=AT, cap_per_day=2, gap_s=3600, fired_on=AT.date(), fired_that_day=1,
    fired_at=AT,
)  # fmt: skip


def spent(day: int, month: int) -> dict[str, Any]:
    at = datetime(2031, month, day, 18, tzinfo=UTC)
    return {"fired_on": at.date(), "fired_that_day": 2, "fired_at": at}


@pytest.mark.parametrize(
    ("changed", "quiet", "now", "free"),
    [
        ({"fired_at": None, "fired_that_day": 0}, None, AT, AT),
        ({}, None, AT, AT + HOUR),
        ({}, None, AT + HOUR, AT + HOUR),
        ({}, None, AT - DAY, AT - DAY),  # a clock that was set back
        ({"fired_that_day": 2}, None, AT + HOUR, datetime(2031, 5, 5, 5, tzinfo=UTC)),  # 08:00 in Kyiv
        ({"fired_that_day": 2}, None, AT + 10 * HOUR, AT + 10 * HOUR),  # it is the next day there
        # Nights of 23 and of 25 hours in Kyiv.
        (spent(29, 3), None, datetime(2031, 3, 29, 21, tzinfo=UTC), datetime(2031, 3, 30, 5, tzinfo=UTC)),
        (spent(25, 10), None, datetime(2031, 10, 25, 20, tzinfo=UTC), datetime(2031, 10, 26, 6, tzinfo=UTC)),
        ({}, NIGHT, AT + 8 * HOUR, datetime(2031, 5, 5, 4, tzinfo=UTC)),
        ({"gap_s": 4 * 3600}, NIGHT, AT + 5 * HOUR, AT + 5 * HOUR),
    ],
)
def test_free_at_when_cap_gap_and_quiet_hours_hold_then_the_latest_of_their_ends(
    changed: dict[str, Any], quiet: Quiet | None, now: datetime, free: datetime
) -> None:
    one = replace(FIRED, **changed)
    assert free_at(one, quiet, now, "Europe/Kyiv") == free
    assert time(8) == MORNING
