"""`python -m bench pictures`: the pictures of docs/telegram.md and digests.md, taken of replies to our own samples.

The bot is the real one on the strict Telegram (`bench.served`); only the clock is set by hand, to the afternoon on
which the sample ends.
"""

import asyncio
import io
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from bench.data import ROOT
from bench.served import Served, served
from bot.texts import line
from bot.workers import Priority
from index import LiveBlog, Update
from index.encode import Encoder
from tests.botapi import NONE, Message, Place, Server
from tests.botapi.clock import HandClock
from tests.botapi.picture import take

FOLDER = ROOT / "docs" / "pictures"
_WAIT_S = 30.0
_MINUTE_S = 60.0
_TICK_S = 0.2
_COLOURS = 128
# A long page of plain text needs fewer.
_FEW_COLOURS = 24
_READ = "Some 1,900 evacuees may return"
_REWRITTEN = "Some 2,100 evacuees may return"


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A sample, the moment at which it is asked, and where its readers are."""

    sample: Path
    source: str
    zone: str
    asked_at: datetime


HARBOUR = Story(
    sample=ROOT / "samples" / "harbour-fire.html",
    source="The Kalvenna Courier",
    zone="Europe/Athens",
    asked_at=datetime(2026, 6, 18, 12, 4, tzinfo=UTC),
)
STORM = Story(
    sample=ROOT / "samples" / "storm-ottilie.atom",
    source="The Carrow Herald",
    zone="Europe/London",
    asked_at=datetime(2025, 11, 7, 16, 30, tzinfo=UTC),
)
ELECTION = Story(
    sample=ROOT / "samples" / "brennmark-election.json",
    source="Brennmark votes",
    zone="Europe/Vienna",
    asked_at=datetime(2025, 10, 13, 13, 40, tzinfo=UTC),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """The bot while it runs, and the story that it tells."""

    bot: Served
    story: Story
    clock: HandClock

    @property
    def server(self) -> Server:
        """Return its Telegram."""
        return self.bot.server

    async def answered(self, asked: Message) -> Message:
        """Wait for the reply to a message."""
        return await self.server.reply_to(asked, timeout_s=_WAIT_S)

    def seen(self, place: Place, *, dark: bool = False) -> str:
        """Return what a reader of the story sees in a place."""
        return self.server.page(place, dark=dark, zone=self.story.zone)


def _asked_in_private(text: str, *, dark: bool = False) -> Callable[[Stage], Awaitable[str]]:
    async def scene(stage: Stage) -> str:
        ann = stage.server.user("Ann")
        await stage.answered(ann.says(text))
        return stage.seen(ann, dark=dark)

    return scene


async def _group(stage: Stage) -> str:
    ann, bob = stage.server.user("Ann"), stage.server.user("Bob")
    group = stage.server.supergroup("Harbour desk", ann, bob)
    bob.says("The water in Lindow looks brown, by the way.", to=group)
    answer = await stage.answered(ann.says("/ask What has happened to the Lantern Festival?", to=group))
    bob.says("Thanks!", to=group)
    await stage.answered(ann.replies(answer, "Will it be held later?"))
    return stage.seen(group)


async def _topic(stage: Stage) -> str:
    ann, bob = stage.server.user("Ann"), stage.server.user("Bob")
    group = stage.server.supergroup("Harbour desk", ann, bob, forum=True)
    ferries = group.topic("Ferries")
    bob.says("Does anyone know where the boats leave from?", to=ferries)
    await stage.answered(bob.says("/ask Where do the ferries to Hesper Island leave from?", to=ferries))
    return stage.seen(ferries)


async def _offers(stage: Stage) -> str:
    ann = stage.server.user("Ann")
    query = ann.types_inline("when does the curfew begin")
    await stage.server.until(lambda: query.results, timeout_s=_WAIT_S)
    return stage.server.offers(query)


async def _inline(stage: Stage) -> str:
    ann, bob = stage.server.user("Ann"), stage.server.user("Bob")
    group = stage.server.supergroup("Neighbours", bob, ann, bot=None)
    bob.says("Can I still walk home tonight?", to=group)
    query = ann.types_inline("when does the curfew begin", group)
    await stage.server.until(lambda: query.results, timeout_s=_WAIT_S)
    ann.chooses(query, 0, group)
    await stage.server.quiet()
    return stage.seen(group)


async def _settings(stage: Stage) -> str:
    ann = stage.server.user("Ann")
    group = stage.server.supergroup("Harbour desk", ann)
    await stage.answered(ann.says("/settings", to=group))
    return stage.seen(group)


async def _verify(stage: Stage) -> str:
    ann = stage.server.user("Ann")
    answer = await stage.answered(ann.says("How many evacuees may go home?"))
    await _rewrite(stage)
    await stage.answered(ann.replies(answer, "/verify"))
    return stage.seen(ann)


async def _followed(stage: Stage, follower: str) -> None:
    """Wait until changes are followed, so that what comes after is news."""
    while await stage.bot.store.do(Priority.LOOK, lambda store: store.followed(follower)) is None:
        await asyncio.sleep(_TICK_S)


async def _correction(stage: Stage) -> str:
    await _followed(stage, "corrections")
    ann = stage.server.user("Ann")
    answer = await stage.answered(ann.says("How many evacuees may go home?"))
    await _rewrite(stage)
    await stage.server.until(lambda: _REWRITTEN in answer.text, timeout_s=_WAIT_S)
    await stage.answered(ann.says("/corrections"))
    return stage.seen(ann)


async def _alert(stage: Stage) -> str:
    """Watch a question; a day and a half after the sample, the page says something new of it."""
    await _followed(stage, "alerts")
    ann = stage.server.user("Ann")
    offer = await stage.answered(ann.says("/watch Is the fire out?"))
    ann.presses(offer, line("watch_keep"))
    kept = line("watch_kept")
    await stage.server.until(lambda: any(kept in each.text for each in ann.ours), timeout_s=_WAIT_S)
    stage.clock.moves(40 * _MINUTE_S)
    now = stage.clock()
    new = Update(
        key="kc-2400",
        title="Last embers put out",
        text="The fire at the grain terminal is out, the Civil Protection Service said. A watch stays at Silo No. 5.",
        live_blog="harbour",
        published_at=now,
        url="https://kalvenna-courier.example/live/harbour-fire#kc-2400",
    )
    blogs = [LiveBlog(key="harbour", title="Fire in the harbour")]
    archive = stage.bot.archive
    await archive.do(Priority.LOOK, lambda one: one.take(stage.story.source, [new], now=now, live_blogs=blogs))
    await archive.do(Priority.ENCODE, lambda one: one.encode_pending())
    await stage.server.until(lambda: "is out, the Civil" in ann.ours[-1].text, timeout_s=_WAIT_S)
    return stage.seen(ann)


def _digest(*, dark: bool = False, language: str = "en") -> Callable[[Stage], Awaitable[str]]:
    """Show what a digest of the last day would hold."""

    async def scene(stage: Stage) -> str:
        ann = stage.server.user("Ann", language=language)
        stage.clock.moves(_MINUTE_S)
        await stage.answered(ann.says("/digest"))
        return stage.seen(ann, dark=dark)

    return scene


async def _digest_with_a_picture(stage: Stage) -> str:
    """Subscribe an hour before the sample is first seen, so that all of it is news."""
    ann = stage.server.user("Ann")
    stage.clock.moves(-60 * _MINUTE_S)
    await stage.answered(ann.says("/subscribe 18:00 short with a picture"))
    stage.clock.moves(61 * _MINUTE_S)
    await stage.answered(ann.says("/digest"))
    await stage.server.until(lambda: "photo" in ann.ours[-1].wording.media, timeout_s=_WAIT_S)
    return stage.seen(ann)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """What is played for a picture, of which story, and in how many colours it is drawn."""

    play: Callable[[Stage], Awaitable[str]]
    story: Story = HARBOUR
    colours: int = _COLOURS


_CUSTODY = "How many people are in custody at the moment?"
SCENES: Mapping[str, Scene] = MappingProxyType(
    {
        "answer": Scene(play=_asked_in_private(_CUSTODY)),
        "answer-dark": Scene(play=_asked_in_private(_CUSTODY, dark=True)),
        "abstention": Scene(play=_asked_in_private("Did the Red Cross send aid?")),
        "conflict": Scene(play=_asked_in_private("How many passengers were on the Saint Maud?"), story=STORM),
        "figure": Scene(play=_asked_in_private("/figure arrests")),
        "group": Scene(play=_group),
        "topic": Scene(play=_topic),
        "inline-offers": Scene(play=_offers),
        "inline": Scene(play=_inline),
        "settings": Scene(play=_settings),
        "verify": Scene(play=_verify),
        "correction": Scene(play=_correction),
        "alert": Scene(play=_alert),
        "digest": Scene(play=_digest_with_a_picture, colours=_FEW_COLOURS),
        "digest-storm": Scene(play=_digest(dark=True), story=STORM, colours=_FEW_COLOURS),
        "digest-election": Scene(play=_digest(language="de"), story=ELECTION, colours=_FEW_COLOURS),
    }
)


def pages(names: Iterable[str] = (), *, encoder: Encoder | None = None) -> dict[str, str]:
    """Play scenes, all where none is named, each with a bot of its own. Returns: name -> page of HTML.

    Raises: ValueError where Telegram would have refused a call of the bot.
    """
    return {name: asyncio.run(_page(SCENES[name], encoder)) for name in names or SCENES}


def draw(folder: Path, found: Mapping[str, str]) -> list[Path]:
    """Draw pages into PNG files of few colours. Raises: FileNotFoundError where no Chromium is installed."""
    folder.mkdir(parents=True, exist_ok=True)
    return [
        _small(take(page, folder / f"{name}.png"), SCENES[name].colours if name in SCENES else _COLOURS)
        for name, page in found.items()
    ]


def _small(picture: Path, colours: int) -> Path:
    """Reduce the colours: text on plain grounds needs few, and a third of the bytes remains."""
    from PIL import Image

    with Image.open(io.BytesIO(picture.read_bytes())) as whole:
        reduced = whole.convert("RGB").quantize(colours, dither=Image.Dither.NONE)
    reduced.save(picture, optimize=True)
    return picture


async def _page(scene: Scene, encoder: Encoder | None) -> str:
    story = scene.story
    clock = HandClock(story.asked_at)
    with TemporaryDirectory() as folder:
        async with (
            Server(clock=clock, limits=NONE) as server,
            served(
                server,
                story.sample,
                Path(folder),
                clock=clock,
                encoder=encoder,
                zone=story.zone,
                source=story.source,
                tick_s=_TICK_S,
            ) as bot,
        ):
            page = await scene.play(Stage(bot=bot, story=story, clock=clock))
            if server.refused():
                raise ValueError(f"Telegram refused: {[(call.method, call.error) for call in server.refused()]}")
            return page


async def _rewrite(stage: Stage) -> None:
    """Read the sample again, some minutes later, after its publisher has changed a number in it."""
    story, clock = stage.story, stage.clock
    clock.moves(20 * 60)
    with TemporaryDirectory() as folder:
        changed = Path(folder) / story.sample.name
        changed.write_text(story.sample.read_text(encoding="utf-8").replace(_READ, _REWRITTEN), encoding="utf-8")
        archive = stage.bot.archive
        await archive.do(Priority.LOOK, lambda one: one.ingest_file(changed, now=clock(), source=story.source))
        await archive.do(Priority.ENCODE, lambda one: one.encode_pending())
