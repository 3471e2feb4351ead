"""What is due becomes the outbox, over the real archive and bot.db: once, whatever is restarted."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.deliveries import Rendered
from bot.digests import wanted_of
from bot.records import ChatKind
from bot.settings import ChatSettings
from bot.tg.posting import rendered
from bot.types import Place, Reply
from tests.bot.rooms import FakePlatform
from tests.bot.scene import GROUP, NOW, Scene, play

# The sample is first seen at NOW; who subscribes a minute before has all of it in the first window.
BEFORE = NOW - timedelta(minutes=1)
DUE = NOW.replace(day=19, hour=7, minute=30)


def render(reply: Reply) -> tuple[Rendered, ...]:
    return rendered(reply, our_name="datelinebot")


async def subscribe(scene: Scene, text: str = "/subscribe 07:30", **more: object) -> None:
    scene.now = BEFORE
    await scene.ask(text, **more)


async def texts(scene: Scene) -> list[str]:
    rows = await scene.store(
        lambda store: store._rows("select plain from outbox join bodies on bodies.id = body_id order by outbox.id")
    )
    return [str(row[0]) for row in rows]


def test_plan_when_due_then_once_also_after_a_restart(tmp_path: Path) -> None:
    async def first(scene: Scene) -> None:
        await subscribe(scene)
        assert await scene.desk.unasked.plan(DUE - timedelta(seconds=1), render) == 0
        assert await scene.desk.unasked.plan(DUE, render) == 1
        assert await scene.desk.unasked.plan(DUE, render) == 0

    async def second(scene: Scene) -> None:
        assert await scene.desk.unasked.plan(DUE + timedelta(minutes=5), render) == 0
        (one,) = await scene.store(lambda store: store.claim(now=DUE, limit=9))
        assert one.body.plain.startswith("Digest, 18 June 2026, 12:29 UTC to 19 June 2026, 07:30 UTC:")
        quotes = await scene.store(lambda store: store.told_unasked(7, None))
        assert len(quotes) >= 8
        assert await scene.store(lambda store: store.recover()) == 1

    play(tmp_path, first, second)


def test_plan_when_it_was_told_then_not_again(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await subscribe(scene)
        await scene.desk.unasked.plan(DUE, render)
        (one,) = await scene.store(lambda store: store.subscriptions(7))
        again = replace(one, window_since=BEFORE, seq=0)
        until = DUE + timedelta(days=1)
        told = await scene.store(lambda store: store.told_unasked(7, None))
        voice = await scene.desk.digests.voice_of(ChatKind.PRIVATE, ChatSettings(), again)
        digest = await scene.desk.digests.composed(wanted_of(again, until, voice, told), until)
        numbers = {each.excerpt.citation.update_no for each in digest.highlights}
        assert numbers
        assert numbers.isdisjoint({quote.update_no for quote in told})

    play(tmp_path, act)


def test_plan_when_quiet_hours_hold_then_due_at_their_end(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await subscribe(scene)
        await scene.ask("/subscribe quiet 22:00-09:00")
        await scene.desk.unasked.plan(DUE, render)
        assert await scene.store(lambda store: store.claim(now=DUE, limit=9)) == ()
        assert len(await scene.store(lambda store: store.claim(now=DUE.replace(hour=9, minute=0), limit=9))) == 1

    play(tmp_path, act)


def test_plan_when_an_empty_day_then_a_line_only_where_one_was_chosen(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.desk.meet(FakePlatform((GROUP, 7)))
        scene.now = NOW + timedelta(minutes=1)
        await scene.ask("/subscribe 07:30")
        await scene.ask("/subscribe 07:30 one line", place=Place.GROUP)
        assert await scene.desk.unasked.plan(DUE, render) == 2
        (said,) = await texts(scene)
        assert said.startswith("No news in the updates")

    play(tmp_path, act)


def test_plan_when_long_then_parts_end_between_excerpts(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await subscribe(scene, "/subscribe 07:30 long")
        await scene.desk.unasked.plan(DUE, render)
        parts = await texts(scene)
        assert parts
        assert all(len(part) <= 4096 for part in parts)
        assert sum(part.count("kalvenna-courier.example · ") for part in parts) >= 16

    play(tmp_path, act)
