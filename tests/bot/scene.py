"""A desk over the real archive and the real bot.db, for tests: people write, press and restart us, and read replies."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeVar

import index
from bot import dialogue
from bot.config import Config
from bot.desk import Desk
from bot.records import ChatKind
from bot.store import BotStore, open_store
from bot.types import (
    ChatSeen,
    Incoming,
    Paragraph,
    Place,
    Pointer,
    Press,
    Pressed,
    Quote,
    Reply,
    ReplyButton,
    Struck,
)
from bot.workers import Priority, Worker
from index import Archive
from tests.index.fakes import BagEncoder

T = TypeVar("T")

SAMPLE = Path(__file__).resolve().parents[2] / "samples" / "harbour-fire.html"
NOW = datetime(2026, 6, 18, 12, 30, tzinfo=UTC)
SOURCE = "kalvenna-courier.example"
OUR_NAME = "datelinebot"
GROUP = -100
# The bag of words knows no meaning, so that it is less sure than the model.
SEARCH = {"abstain_below": 0.2}
QUESTION = "How many people were evacuated inside the cordon?"


def open_sample(config: Config, *, sample: Path = SAMPLE) -> Archive:
    archive = index.open_archive(config, now=NOW, encoder=BagEncoder(dimension=512))
    if sample.exists():
        archive.ingest_file(sample, now=NOW)
    return archive


class Scene:
    """People before a desk. Our messages are numbered from 1,000, theirs from 1."""

    def __init__(self, desk: Desk, archive: Worker[Archive], store: Worker[BotStore]) -> None:
        self.desk = desk
        self._archive = archive
        self._store = store
        self._theirs = 0
        self.ours = 1_000
        self.now = NOW

    async def say(
        self,
        text: str,
        *,
        place: Place = Place.PRIVATE,
        user_id: int = 7,
        reply_to: int | None = None,
        language: str = "en",
        **more: object,
    ) -> Reply | None:
        """Write to us, and deliver what we reply; its number is `ours` then."""
        self._theirs += 1
        incoming = self.incoming(text, place=place, user_id=user_id, reply_to=reply_to, language=language)
        incoming = replace(incoming, **more)  # type: ignore[arg-type]
        action = dialogue.decide(incoming, our_name=OUR_NAME)
        if action is None:
            return None
        reply = await self.desk.handle(action, incoming, self.now)
        if reply is not None:
            self.ours += 1
            await self.desk.sent(reply, incoming.chat_id, (self.ours,), incoming)
        return reply

    async def ask(self, text: str = QUESTION, **more: object) -> Reply:
        reply = await self.say(text, **more)  # type: ignore[arg-type]
        assert reply is not None
        return reply

    def incoming(
        self, text: str, *, place: Place, user_id: int = 7, reply_to: int | None = None, language: str = "en"
    ) -> Incoming:
        command, addressee, rest = None, "", text
        if text.startswith("/"):
            called, _, rest = text[1:].partition(" ")
            command, _, addressee = called.partition("@")
        chat_id = {Place.GROUP: GROUP, Place.TERMINAL: 0}.get(place, user_id)
        kind = ChatKind.SUPERGROUP if place is Place.GROUP else ChatKind.PRIVATE
        known = place in (Place.GROUP, Place.PRIVATE)
        return Incoming(
            chat_id=chat_id,
            message_id=self._theirs,
            place=place,
            text=rest,
            sent_at=self.now,
            command=command,
            addressee=addressee,
            user_id=user_id,
            reply_to_message_id=reply_to,
            reply_to_us=reply_to is not None and reply_to > 1_000,
            language=language,
            chat=ChatSeen(chat_id=chat_id, kind=kind, title="Harbour talk") if known else None,
        )

    async def press(
        self, reply: Reply | Pressed, label: str, *, user_id: int = 7, place: Place = Place.PRIVATE, **more: object
    ) -> Pressed:
        """Press the button with this label."""
        key = button(reply, label).key
        chat_id = GROUP if place is Place.GROUP else user_id
        press = Press(user_id=user_id, key=key, place=place, chat_id=chat_id, message_id=self.ours)
        pressed = await self.desk.press(replace(press, **more), self.now)  # type: ignore[arg-type]
        if pressed.reply is not None:
            self.ours += 1
            await self.desk.sent(pressed.reply, chat_id, (self.ours,))
        return pressed

    async def store(self, job: Callable[[BotStore], T]) -> T:
        return await self._store.do(Priority.QUESTION, job)

    async def archive(self, job: Callable[[Archive], T]) -> T:
        return await self._archive.do(Priority.QUESTION, job)


Play = Callable[[Scene], Awaitable[None]]


def play(directory: Path, *acts: Play, sample: Path = SAMPLE, **config: object) -> None:
    """Play the acts, each after a restart of ours: what is only in memory is gone then."""
    settings = Config.model_validate({"store": {"directory": directory}, "search": SEARCH, **config})

    async def played() -> None:
        numbers = (0, 1_000)
        for act in acts:
            async with (
                Worker("archive", lambda: open_sample(settings, sample=sample)) as archive,
                Worker("conversation", lambda: open_store(directory)) as store,
            ):
                scene = Scene(Desk(archive, store, settings), archive, store)
                scene._theirs, scene.ours = numbers
                await act(scene)
                numbers = scene._theirs, scene.ours

    asyncio.run(played())


def button(reply: Reply | Pressed, label: str) -> ReplyButton:
    return next(each for row in reply.buttons or () for each in row if each.label == label)


def labels(reply: Reply | Pressed) -> list[list[str]]:
    return [[each.label for each in row] for row in reply.buttons or ()]


def said(reply: Reply | None) -> list[str]:
    assert reply is not None
    return [block.text for block in reply.blocks if isinstance(block, Paragraph)]


def quoted(reply: Reply | None) -> list[str]:
    assert reply is not None
    return [block.excerpt.text for block in reply.blocks if isinstance(block, Quote)]


def cited(reply: Reply | None) -> list[str]:
    assert reply is not None
    return [block.excerpt.citation.update_id for block in reply.blocks if isinstance(block, Quote)]


def struck(reply: Reply | None) -> list[str]:
    assert reply is not None
    return [block.text for block in reply.blocks if isinstance(block, Struck)]


def starts(reply: Reply) -> list[str]:
    return [block.start for block in reply.blocks if isinstance(block, Quote | Pointer)]
