"""The whole bot on the strict server: the real desk, bot.db and archive, whose encoder needs no model.

Everything happens on an invented 4 May 2031, noon, in Port Alder.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.config import ChatConfig, Config, LimitsConfig, TelegramConfig
from bot.desk import Desk
from bot.records import Chat
from bot.store import BotStore
from bot.tg.app import serve
from bot.workers import Priority, Worker
from index import Archive, LiveBlog, SourceConfig, Update, open_archive
from index.config import StoreConfig
from tests.botapi import NONE, Server
from tests.botapi.clock import HandClock
from tests.index.fakes import BagEncoder

NOON = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
HARBOUR = (
    ("boats", "Ferries resume", "Nine ferries sailed from the north pier on Sunday morning."),
    (
        "hurt",
        "Collision at the quay",
        "Four passengers were injured when a tug struck the quay, the harbour office said.",
    ),
    ("fuel", "Fuel delivered", "Two tankers brought fuel for the lighthouse generator."),
)
COUNCIL = (("vote", "Council votes", "The council approved a budget of 12 million crowns by 21 votes to 8."),)
ASKED, ANSWER = "How many ferries sailed from the north pier?", HARBOUR[0][2]
UNSAID = "Who won the chess tournament in Ostrava?"


@dataclass
class House:
    """The server, the clock, and what is behind the bot."""

    server: Server
    clock: HandClock
    archive: Worker[Archive]
    store: Worker[BotStore]

    async def db(self, job: Callable[[BotStore], Any]) -> Any:  # noqa: ANN401  whatever the job returns
        return await self.store.do(Priority.QUESTION, job)

    async def read(self, job: Callable[[Archive], Any]) -> Any:  # noqa: ANN401  whatever the job returns
        return await self.archive.do(Priority.QUESTION, job)

    async def chat(self, chat_id: int) -> Chat:
        chat = await self.db(lambda store: store.chat(chat_id))
        assert isinstance(chat, Chat)
        return chat


Scene = Callable[[House], Awaitable[None]]


def play(
    scene: Scene,
    *,
    server: Server | None = None,
    sources: Sequence[SourceConfig] = (),
    operators: tuple[int, ...] = (),
    limits: LimitsConfig | None = None,
    chat: ChatConfig | None = None,
) -> Server:
    """Play a scene with the bot running; returns the server, to look at what was said."""
    clock = HandClock(NOON)
    server = server or Server(clock=clock, limits=NONE)

    async def whole(folder: Path) -> None:
        config = Config(
            telegram=TelegramConfig(base_url=server.url, operators=operators),
            sources=tuple(sources),
            limits=limits or LimitsConfig(user_per_minute=100, chat_per_minute=100),
            chat=chat or ChatConfig(),
            store=StoreConfig(directory=folder),
        )
        async with (
            Worker("archive", lambda: _archive(config)) as archive,
            Worker("store", lambda: BotStore(folder / "bot.db")) as store,
        ):
            stop = asyncio.Event()
            talk = Desk(archive, store, config)
            serving = serve(config, talk, token=server.token, stop=stop, clock=clock, planner=talk.unasked, tick_s=0.1)
            bot = asyncio.create_task(serving)
            try:
                await server.until(lambda: server.core.updates.waiting or bot.done(), timeout_s=20)
                await scene(House(server=server, clock=clock, archive=archive, store=store))
            finally:
                stop.set()
                await bot

    async def within(folder: Path) -> None:
        async with server, asyncio.timeout(60):
            await whole(folder)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(within(Path(folder)))
    return server


def _archive(config: Config) -> Archive:
    archive = open_archive(config, now=NOON, encoder=BagEncoder(dimension=512))
    for source, key, texts in (("Harbour Gazette", "harbour", HARBOUR), ("Town Radio", "council", COUNCIL)):
        updates = [_update(key, number, *text) for number, text in enumerate(texts)]
        archive.take(source, updates, now=NOON, live_blogs=[LiveBlog(key=key, title=f"The {key}, live")])
    archive.encode_pending()
    return archive


def _update(live_blog: str, number: int, key: str, title: str, text: str) -> Update:
    return Update(
        key=key,
        title=title,
        text=text,
        live_blog=live_blog,
        published_at=NOON - timedelta(minutes=90 - 10 * number),
        url=f"https://www.example.org/{live_blog}#{key}",
    )
