"""The whole bot as `dateline run` builds it, on the tests' strict Telegram, over one of our samples.

It imports `tests.botapi` because nothing else that runs without a network refuses what Telegram refuses: a reply that
Telegram would not take must not count as an answer, nor stand in a picture.
"""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from bot.config import ChatConfig, Config, TelegramConfig, TelegramMode
from bot.desk import Desk
from bot.store import BotStore, open_store
from bot.tg.app import serve
from bot.tg.unasked import TICK_S
from bot.workers import Priority, Worker
from index import Archive, open_archive
from index.config import StoreConfig
from index.encode import Encoder
from tests.botapi import Server

PUBLIC = "https://bot.example"
_START_WITHIN_S = 60.0
_SECRET = "a-secret_of-the-benchmark"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """The bot while it runs: Telegram, and what is behind the bot."""

    server: Server
    archive: Worker[Archive]
    store: Worker[BotStore]


@asynccontextmanager
async def served(
    server: Server,
    sample: Path,
    folder: Path,
    *,
    clock: Callable[[], datetime],
    mode: TelegramMode = TelegramMode.POLLING,
    encoder: Encoder | None = None,
    zone: str = "UTC",
    source: str = "sample",
    tick_s: float = TICK_S,
) -> AsyncIterator[Served]:
    """Serve a sample until the end of the block; what was received by then is still answered.

    Args:
        server: a Telegram that is started already.
        sample: the file to answer from, read at the clock's time.
        folder: where both databases are made.
        clock: the bot's.
        mode: how updates come.
        encoder: stands in for the shipped one.
        zone: the bot's.
        source: what the sample's source is called.
        tick_s: how often it looks for what is to be said unasked.
    """
    port = _free_port()
    server.core.webhook.routes[PUBLIC] = f"http://127.0.0.1:{port}"
    config = Config(
        telegram=TelegramConfig(base_url=server.url, mode=mode, webhook_url=f"{PUBLIC}/hook", webhook_port=port),
        chat=ChatConfig(zone=zone),
        store=StoreConfig(directory=folder),
    )

    def opened() -> Archive:
        archive = open_archive(config, now=clock(), encoder=encoder)
        archive.ingest_file(sample, now=clock(), source=source)
        archive.warm()
        return archive

    stop = asyncio.Event()
    async with Worker("archive", opened) as archive, Worker("conversation", lambda: open_store(folder)) as store:
        await archive.do(Priority.QUESTION, lambda one: one.encode_pending())
        desk = Desk(archive, store, config)
        bot = asyncio.create_task(
            serve(
                config,
                desk,
                token=server.token,
                webhook_secret=_SECRET,
                stop=stop,
                clock=clock,
                planner=desk.unasked,
                tick_s=tick_s,
            )
        )
        try:
            await _ready(server, bot)
            yield Served(server=server, archive=archive, store=store)
        finally:
            stop.set()
            await bot


async def _ready(server: Server, bot: "asyncio.Task[None]") -> None:
    """Wait until the bot receives, or raise what ended it."""
    updates, webhook = server.core.updates, server.core.webhook
    waiting = asyncio.create_task(server.until(lambda: updates.waiting or webhook.info, timeout_s=_START_WITHIN_S))
    await asyncio.wait({bot, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if bot.done():
        waiting.cancel()
        bot.result()
    await waiting


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
