"""What operators are told in private, and nobody else."""

from datetime import timedelta
from pathlib import Path

from bot.deliveries import Perhaps, Refused, Urgency
from bot.outbox import settled
from bot.store import BotStore
from bot.texts import LOCALES, line
from bot.types import Place
from index import SourceConfig
from tests.bot.builders import NOW
from tests.bot.scene import Scene, play, said
from tests.bot.store_builders import make_planned, put

OPERATOR, READER = 7, 8
OPERATED = {"operators": [OPERATOR]}


def leave_trouble(store: BotStore) -> None:
    """Leave one delivery uncertain, one dead and one waiting."""
    messages = [make_planned(chat, "So", urgency=Urgency.ALERT) for chat in (11, 12, 13)]
    put(store, *messages)
    first, second = store.claim(now=NOW, limit=2)
    store.settle(settled(first, Perhaps(reason="timed out"), NOW))
    store.settle(settled(second, Refused(reason="Bad Request: chat <not> found"), NOW + timedelta(minutes=1)))


def test_status_when_an_operator_asks_then_the_outbox_and_what_to_act_on_newest_first(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.store(leave_trouble)
        texts = said(await scene.ask("/status", user_id=OPERATOR))
        assert texts[2].splitlines()[1] == "Outbox: 1 dead, 1 pending and 1 uncertain"
        assert texts[3].splitlines()[1:] == [
            "• dead · 4 May 2031, 12:01 UTC · chat 12 · alert · Bad Request: chat <not> found",
            "• uncertain · 4 May 2031, 12:00 UTC · chat 11 · alert · timed out",
        ]

    play(tmp_path, act, telegram=OPERATED)


def test_status_when_a_source_fails_then_it_is_named_with_the_reason(tmp_path: Path) -> None:
    source = SourceConfig(name="Storm desk", url="https://storm.example/live")

    async def act(scene: Scene) -> None:
        assert said(await scene.ask("/status"))[1].startswith("2 sources, and")
        await scene.archive(lambda archive: archive.store.note_look(source.name, at=NOW, error="timed out"))
        assert said(await scene.ask("/status"))[1].splitlines()[1:] == ["• Storm desk: timed out"]

    play(tmp_path, act, telegram=OPERATED, sources=[{"name": source.name, "url": source.url}])


def test_status_when_anybody_else_asks_then_there_is_no_such_command(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.store(leave_trouble)
        unknown = line("unknown_command", language="en")
        assert said(await scene.ask("/status", user_id=READER)) == [unknown]
        assert await scene.say("/status", user_id=OPERATOR, place=Place.GROUP) is None
        assert said(await scene.ask("/status@datelinebot", user_id=OPERATOR, place=Place.GROUP)) == [unknown]

    play(tmp_path, act, telegram=OPERATED)


def test_status_when_in_each_language_then_all_of_it_can_be_said(tmp_path: Path) -> None:
    async def act(scene: Scene) -> None:
        await scene.store(leave_trouble)
        told = {language: said(await scene.ask("/status", language=language)) for language in LOCALES}
        assert len({tuple(texts) for texts in told.values()}) == len(LOCALES)
        assert all("timed out" in texts[-1] for texts in told.values())

    play(tmp_path, act, telegram=OPERATED)
