"""Bots for the tests of the strict server: one that answers, one that only has the library's methods."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx
from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.ext import Application, ApplicationBuilder, TypeHandler

from tests.botapi import Server

Handler = Callable[[Update, Bot], Awaitable[object]]


@asynccontextmanager
async def a_bot(server: Server) -> AsyncIterator[Bot]:
    """Give the library's bot, connected and not listening."""
    bot = Bot(server.token, base_url=server.base_url, base_file_url=server.base_file_url)
    async with bot:
        yield bot


def application(server: Server, handler: Handler) -> Application[Any, Any, Any, Any, Any, Any]:
    """Build the real Application with one handler for everything."""

    async def handle(update: Update, context: Any) -> None:  # noqa: ANN401  the library's own context
        await handler(update, context.bot)

    app = ApplicationBuilder().token(server.token).base_url(server.base_url).concurrent_updates(True).build()
    app.add_handler(TypeHandler(Update, handle))
    return app


@asynccontextmanager
async def polling(server: Server, handler: Handler, **settings: Any) -> AsyncIterator[Bot]:  # noqa: ANN401
    """Run an Application by long polling."""
    app = application(server, handler)
    async with app:
        assert app.updater is not None
        await app.updater.start_polling(timeout=10, **{"allowed_updates": Update.ALL_TYPES, **settings})
        await app.start()
        yield app.bot
        await app.updater.stop()
        await app.stop()


async def refusal_of(call: Awaitable[object]) -> TelegramError | None:
    """Return the error that a call ends in, None where Telegram takes it."""
    try:
        await call
    except TelegramError as error:
        return error
    return None


def run(scene: Callable[[Server], Awaitable[None]], server: Server | None = None) -> None:
    """Play a scene on a running server."""

    async def play() -> None:
        async with server or Server() as running:
            await asyncio.wait_for(scene(running), 30)

    asyncio.run(play())


async def call(server: Server, method: str, **given: object) -> tuple[int, str]:
    """Make a call as JSON, past the library's own checks. Returns: the HTTP status and the description, "" where ok."""
    async with httpx.AsyncClient() as client:
        answer = await client.post(f"{server.base_url}{server.token}/{method}", json=given)
    return answer.status_code, answer.json().get("description", "")


def refused(method: str, **given: object) -> str:
    """Play one call by a bot whom Ann knows; in `given`, "ann" stands for her chat. Returns: the description."""
    told: list[str] = []

    async def scene(server: Server) -> None:
        ann = server.user("Ann", started=True)
        told.append((await call(server, method, **{k: ann.id if v == "ann" else v for k, v in given.items()}))[1])

    run(scene)
    return told[0]
