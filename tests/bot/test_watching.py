"""Watching a question, over the real archive and bot.db: what it would have told, keeping it, the list, who may."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.texts import LOCALES, line
from bot.tg.posting import rendered
from bot.types import Place, Quote, Reply
from bot.watches import Watch
from bot.watching import MOST, WORDS_CHARS
from index import Update
from tests.bot.rooms import FakePlatform
from tests.bot.scene import GROUP, NOW, QUESTION, Scene, button, labels, play, quoted, said

KEEP, NO, ROOMS = line("watch_keep"), line("watch_no"), line("watch_rooms")
PAUSE, RESUME, DELETE = line("watch_pause"), line("watch_resume"), line("watch_delete")


async def held(scene: Scene, chat_id: int = 7) -> list[str]:
    return [one.text for one in await scene.store(lambda store: store.watches(chat_id))]


async def the_one(scene: Scene, chat_id: int = 7) -> Watch:
    (one,) = await scene.store(lambda store: store.watches(chat_id))
    return one


async def kept(scene: Scene, words: str = QUESTION, **more: object) -> Reply:
    """Watch for something, and keep it; returns the panel that is shown then."""
    offer = await scene.ask(f"/watch {words}", **more)
    given = {key: more[key] for key in ("place", "user_id") if key in more}
    pressed = await scene.press(offer, KEEP, **given)  # type: ignore[arg-type]
    assert pressed.reply is not None
    return pressed.reply


async def news(scene: Scene, text: str, *, key: str, minutes: int, published: int = 0) -> None:
    """Take an update in, so many minutes from now, also where it was published earlier."""
    at, published_at = (scene.now + timedelta(minutes=each) for each in (minutes, published))
    update = Update(key=key, text=text, live_blog="shore", published_at=published_at, modified_at=at)
    await scene.archive(lambda archive: archive.take("Shore Post", [update], now=at))


async def stored_words(scene: Scene, words: str) -> list[str]:
    """Name the tables of bot.db that hold these words anywhere."""

    def look(store: object) -> list[str]:
        rows = store._rows("select name from sqlite_schema where type = 'table'")  # type: ignore[attr-defined]
        found = []
        for (table,) in rows:
            text = "\n".join(str(row) for row in store._rows(f"select * from {table}"))  # type: ignore[attr-defined]
            found += [table] if words in text else []
        return found

    return await scene.store(look)


def test_watch_when_asked_for_then_the_past_is_shown_and_nothing_is_stored_until_it_is_kept(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        offer = await scene.ask(f"/watch {QUESTION}")
        first, last = said(offer)[0], said(offer)[-2]
        assert first.startswith(f"In the past week “{QUESTION}” would have alerted you ")
        assert last == line("watch_offer", cap=5, minutes=10)
        assert 1 <= len(quoted(offer)) <= 3
        assert labels(offer) == [[KEEP, NO]]
        assert await stored_words(scene, QUESTION) == []
        pressed = await scene.press(offer, KEEP)
        assert pressed.buttons == ()
        assert pressed.reply is not None
        assert said(pressed.reply)[0] == line("watch_kept")
        one = await the_one(scene)
        assert (one.text, one.chat_id, one.user_id, one.thread_id) == (QUESTION, 7, 7, None)
        assert await stored_words(scene, QUESTION) == ["watches"]

    play(tmp_path, act)


def test_watch_when_what_it_would_have_told_was_revised_then_only_what_stands_is_quoted(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        for minutes, count in ((0, "Nine"), (30, "Eleven")):
            await news(scene, f"{count} seals were counted on the breakwater.", key="seals", minutes=minutes)
        await news(scene, "On the breakwater twelve seals were counted.", key="later", minutes=60, published=60)
        scene.now += timedelta(hours=2)
        offer = await scene.ask("/watch How many seals were counted on the breakwater?")
        assert "alerted you 3 times" in said(offer)[0]
        notes = [(block.excerpt.text, block.note) for block in offer.blocks if isinstance(block, Quote)]
        assert notes == [
            ("On the breakwater twelve seals were counted.", ""),
            ("Eleven seals were counted on the breakwater.", line("label_superseded")),
        ]

    play(tmp_path, act)


def test_watch_when_something_comes_while_the_offer_is_read_then_it_is_told(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert await scene.desk.unasked.plan(scene.now, lambda reply: rendered(reply, our_name="b")) == 0
        offer = await scene.ask("/watch How many seals were counted on the breakwater?")
        await news(scene, "Nine seals were counted on the breakwater.", key="seals", minutes=1)
        scene.now += timedelta(minutes=2)
        assert await scene.desk.unasked.plan(scene.now, lambda reply: rendered(reply, our_name="b")) == 0
        await scene.press(offer, KEEP)
        assert await scene.desk.unasked.plan(scene.now, lambda reply: rendered(reply, our_name="b")) == 1

    play(tmp_path, act)


def test_watch_when_told_not_to_or_after_a_restart_then_nothing_is_kept(tmp_path: Path) -> None:
    offers: list[Reply] = []

    async def first(scene: Scene) -> None:
        refused = await scene.press(await scene.ask(f"/watch {QUESTION}"), NO)
        assert (refused.toast, refused.buttons) == (line("watch_not_kept"), ())
        offers.append(await scene.ask(f"/watch {QUESTION}"))

    async def second(scene: Scene) -> None:
        expired = await scene.press(offers[0], KEEP)
        assert expired.toast == line("button_expired")
        assert await held(scene) == []

    play(tmp_path, first, second)


def test_watch_when_nothing_would_have_fired_then_said_and_still_offered(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        words = "chess tournament in Ostrava"
        offer = await scene.ask(f"/watch {words}")
        assert said(offer)[0] == line("watch_backtest_none", words=words)
        assert quoted(offer) == []
        await scene.press(offer, KEEP)
        assert await held(scene) == [words]

    play(tmp_path, act)


@pytest.mark.parametrize(
    ("text", "key", "fields"),
    [
        ("", "watch_how", {}),
        ("?!", "watch_how", {}),
        ("news", "watch_vague", {"words": "news"}),
        ("What is new?", "watch_vague", {"words": "What is new?"}),
        ("ferry " * 60, "watch_too_long", {"limit": WORDS_CHARS}),
    ],
)
def test_watch_when_words_will_not_do_then_one_clear_line(
    tmp_path: Path, text: str, key: str, fields: dict[str, Any]
) -> None:
    async def act(scene: Scene) -> None:
        reply = await scene.ask(f"/watch {text}")
        assert said(reply) == [line(key, **fields)]
        assert labels(reply) == []

    play(tmp_path, act)


def test_watch_when_it_is_watched_already_then_that_one_is_shown(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await kept(scene)
        again = await scene.ask(f"/watch  {QUESTION.upper()} ")
        assert said(again)[0] == line("watch_same")
        assert labels(again)[0] == [PAUSE, DELETE]
        assert len(await held(scene)) == 1

    play(tmp_path, act)


def test_watch_when_there_are_too_many_then_no_more_and_two_offers_do_not_slip_past(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        for n in range(MOST - 1):
            await scene.store(lambda store, n=n: store.add_watch(7, f"ferry {n}", now=NOW))  # type: ignore[misc]
        one, two = await scene.ask("/watch harbour cranes"), await scene.ask("/watch fire brigade")
        await scene.press(one, KEEP)
        late = await scene.press(two, KEEP)
        assert (late.toast, late.alert) == (line("watch_too_many", limit=MOST), True)
        assert said(await scene.ask("/watch the mayor")) == [line("watch_too_many", limit=MOST)]
        twice = await scene.press(one, KEEP)
        assert twice.toast == line("watch_same")
        assert len(await held(scene)) == MOST

    play(tmp_path, act)


def test_watch_when_in_reply_to_an_answer_then_its_question_while_we_remember_it(tmp_path: Path) -> None:
    numbers: list[int] = []

    async def first(scene: Scene) -> None:
        await scene.ask(QUESTION)
        numbers.append(scene.ours)
        scene.now += timedelta(hours=1)
        offer = await scene.ask("/watch", reply_to=numbers[0])
        await scene.press(offer, KEEP)
        assert await held(scene) == [QUESTION]

    async def second(scene: Scene) -> None:
        forgotten = await scene.ask("/watch", reply_to=numbers[0])
        assert said(forgotten) == [line("watch_forgotten")]

    play(tmp_path, first, second)


def test_watch_when_alone_then_the_question_just_asked_else_how_to(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert said(await scene.ask("/watch")) == [line("watch_how")]
        await scene.ask("/figure evacuated")
        offer = await scene.ask("/watch")
        assert "“evacuated”" in said(offer)[0]
        scene.now += timedelta(minutes=11)
        assert said(await scene.ask("/watch")) == [line("watch_how")]

    play(tmp_path, act)


def test_watch_when_in_reply_to_somebody_else_then_their_words(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        offer = await scene.ask("/watch", reply_to=12, reply_to_text="Are the\ncranes working?")
        await scene.press(offer, KEEP)
        assert await held(scene) == ["Are the cranes working?"]

    play(tmp_path, act)


def test_watches_when_listed_then_each_can_be_paused_changed_and_deleted(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert said(await scene.ask("/watches")) == [line("watch_none")]
        await kept(scene)
        scene.now += timedelta(minutes=1)
        await kept(scene, "harbour cranes")
        listed = await scene.ask("/watches")
        assert "2. “harbour cranes”: 0 alerts so far." in said(listed)[0]
        one = (await scene.press(listed, "2. harbour cranes")).edit
        assert one is not None
        paused = await scene.press(one, PAUSE)
        assert paused.toast == line("watch_done_pause")
        assert paused.edit is not None
        assert "paused" in said(paused.edit)[0]
        assert labels(paused.edit)[0] == [RESUME, DELETE]
        resumed = await scene.press(paused.edit, RESUME)
        assert resumed.edit is not None
        caps = (await scene.press(resumed.edit, line("watch_cap"))).edit
        assert caps is not None
        assert labels(caps)[:2] == [["1", "3"], ["✓ 5", "10"]]
        changed = (await scene.press(caps, "10")).edit
        assert changed is not None
        gaps = (await scene.press(changed, line("watch_gap"))).edit
        assert gaps is not None
        assert labels(gaps)[0] == ["none", "✓ 10 minutes"]
        await scene.press(gaps, "6 hours")
        _, cranes = await scene.store(lambda store: store.watches(7))
        assert (cranes.cap_per_day, cranes.gap_s, cranes.paused_for) == (10, 21_600, None)
        await scene.press(one, DELETE)
        assert await held(scene) == [QUESTION]
        gone = await scene.press(one, PAUSE)
        assert gone.toast == line("watch_gone")

    play(tmp_path, act)


def test_watches_when_quiet_hours_are_chosen_then_they_are_the_chat_s_by_its_clock(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.ask("/settings zone Kyiv")
        await kept(scene)
        panel = (await scene.press(await scene.ask("/watches"), line("digest_quiet"))).edit
        assert panel is not None
        await scene.press(panel, "22:00-07:00")
        assert str((await scene.store(lambda store: store.notices(7))).quiet) == "22:00-07:00 Europe/Kyiv"
        await scene.press(panel, f"✓ {line('digest_quiet_none')}")
        assert (await scene.store(lambda store: store.notices(7))).quiet is None

    play(tmp_path, act)


def test_watch_when_in_a_group_then_admins_only_and_of_its_topic(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        platform = FakePlatform((GROUP, 7))
        scene.desk.meet(platform)
        assert await scene.say(f"/watch {QUESTION}", place=Place.GROUP, user_id=8) is None
        told = await scene.ask(f"/watch@datelinebot {QUESTION}", place=Place.GROUP, user_id=8)
        assert said(told) == [line("settings_admins_only")]
        offer = await scene.ask(f"/watch {QUESTION}", place=Place.GROUP, thread_id=5)
        assert labels(offer) == [[KEEP, NO]]
        refused = await scene.press(offer, KEEP, user_id=8, place=Place.GROUP)
        assert refused.toast == line("settings_admins_only")
        await scene.press(offer, KEEP, place=Place.GROUP, thread_id=5)
        one = await the_one(scene, GROUP)
        assert (one.thread_id, one.user_id) == (5, 7)
        assert QUESTION in said(await scene.ask("/watches", place=Place.GROUP, thread_id=5))[0]
        assert said(await scene.ask("/watches", place=Place.GROUP)) == [line("watch_none")]
        assert await scene.say("/watches", place=Place.GROUP, user_id=8, thread_id=5) is None
        platform.admins.clear()
        scene.now += timedelta(minutes=2)
        lost = await scene.press(offer, KEEP, place=Place.GROUP)
        assert lost.toast == line("settings_admins_only")

    play(tmp_path, act)


def test_watch_when_an_anonymous_admin_asks_then_any_admin_keeps_it(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.desk.meet(FakePlatform((GROUP, 7)))
        more: dict[str, Any] = {"place": Place.GROUP, "user_id": GROUP, "sender_chat_id": GROUP}
        offer = await scene.ask(f"/watch {QUESTION}", **more)
        await scene.press(offer, KEEP, place=Place.GROUP)
        assert (await the_one(scene, GROUP)).user_id == 7

    play(tmp_path, act)


def test_watch_when_for_a_room_then_kept_there_from_its_admin_s_private_chat(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        scene.desk.meet(FakePlatform((GROUP, 7)))
        await scene.ask("/help", place=Place.GROUP)
        offer = await scene.ask(f"/watch {QUESTION}")
        assert labels(offer) == [[KEEP, NO], [ROOMS]]
        rooms = (await scene.press(offer, ROOMS)).reply
        assert rooms is not None
        await scene.press(rooms, "Harbour talk")
        assert await held(scene, GROUP) == [QUESTION]
        assert await held(scene) == []
        listed = (await scene.press(await scene.ask("/watches"), ROOMS)).edit
        assert listed is not None
        theirs = (await scene.press(listed, "Harbour talk")).edit
        assert theirs is not None
        assert said(theirs)[0].startswith(line("watch_title", chat="Harbour talk"))
        scene.desk.meet(FakePlatform())
        scene.now += timedelta(minutes=2)
        refused = await scene.press(theirs, button(theirs, labels(theirs)[0][0]).label)
        assert refused.toast == line("settings_admins_only")

    play(tmp_path, act)


def test_watch_when_in_the_terminal_then_said_that_alerts_are_for_telegram(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        for typed in (f"/watch {QUESTION}", "/watches"):
            assert said(await scene.ask(typed, place=Place.TERMINAL)) == [line("watch_elsewhere")]

    play(tmp_path, act)


@pytest.mark.parametrize("language", LOCALES)
def test_watch_when_spoken_in_any_language_then_offered_kept_and_listed_in_it(tmp_path: Path, language: str) -> None:
    async def act(scene: Scene) -> None:
        offer = await scene.ask(f"/watch {QUESTION}", language=language)
        pressed = await scene.press(offer, line("watch_keep", language=language), language=language)
        assert pressed.reply is not None
        assert said(pressed.reply)[0] == line("watch_kept", language=language)
        chat = await scene.store(lambda store: store.chat(7))
        assert chat is not None
        assert chat.settings.language == language, "kept for what comes unasked"

    play(tmp_path, act)


def test_privacy_and_forget_when_something_is_watched_then_they_cover_it(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        assert "/watch" in said(await scene.ask("/privacy"))[0]
        await kept(scene)
        assert line("forget_digest") in said(await scene.ask("/privacy"))[2]
        asked = await scene.ask("/forget")
        assert line("forget_digest") in said(asked)[0]
        await scene.press(asked, line("button_forget"))
        assert await held(scene) == []
        assert await stored_words(scene, QUESTION) == []

    play(tmp_path, act)
