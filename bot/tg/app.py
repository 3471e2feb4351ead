"""Serves Telegram: builds the library's Application, receives, answers, and ends with one clear error where it cannot.

The path of a message: incoming.read -> dialogue.decide -> desk.handle -> render.parts -> Sender.send.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from telegram import (
    BotCommand,
    BotCommandScope,
    BotCommandScopeAllChatAdministrators,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllPrivateChats,
    Update,
)
from telegram.constants import UpdateType
from telegram.ext import Application, ApplicationBuilder, ContextTypes, TypeHandler
from telegram.request import BaseRequest, HTTPXRequest

from bot import dialogue
from bot.config import Config
from bot.texts import line
from bot.tg.errors import NotDeliveredError, PlatformError, SendError, UnreachableError
from bot.tg.incoming import read
from bot.tg.lanes import Lanes
from bot.tg.polling import PollingBot
from bot.tg.redaction import redacted
from bot.tg.render import parts
from bot.tg.sending import Sender, translated
from bot.types import Action, Ask, Incoming, Latest, More, Reply, Say

logger = logging.getLogger(__name__)

LATE_AFTER = timedelta(minutes=5)
POLL_FOR = timedelta(seconds=30)
ALLOWED_UPDATES = (UpdateType.MESSAGE, UpdateType.EDITED_MESSAGE)
COMMANDS = ("ask", "more", "figure", "latest", "sources", "help", "privacy")
SCOPES: tuple[Callable[[], BotCommandScope], ...] = (
    BotCommandScopeAllPrivateChats,
    BotCommandScopeAllGroupChats,
    BotCommandScopeAllChatAdministrators,
)
_CONNECTIONS = 64

Bots = Application[PollingBot, Any, Any, Any, Any, Any]
Clock = Callable[[], datetime]


class Desk(Protocol):
    """Who answers; `bot.desk.Desk` in the product."""

    async def handle(self, action: Action, incoming: Incoming, *, now: datetime) -> Reply:
        """Do what was asked and say what to reply."""

    def remember(self, chat_id: int, message_id: int, incoming: Incoming) -> None:
        """Learn which message of ours answers an Incoming, for follow-ups by reply."""


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


async def serve(
    config: Config,
    desk: Desk,
    *,
    token: str,
    stop: asyncio.Event | None = None,
    request: BaseRequest | None = None,
    clock: Clock = utc_now,
) -> None:
    """Answer by long polling until `stop` is set; what was received by then is still answered.

    `request` replaces the network, for tests.
    Raises: ServeError, whose message is one line for the operator and never holds the token.
    """
    stop = stop or asyncio.Event()
    with redacted(token):
        with translated():
            app = build(config, desk, token=token, stop=stop, request=request, clock=clock)
        async with _running(app, config.telegram.base_url):
            await _until(stop, app.bot.ended)


def build(
    config: Config, desk: Desk, *, token: str, stop: asyncio.Event, request: BaseRequest | None, clock: Clock
) -> Bots:
    """Wire the Application: the bot, the lanes, one handler for all messages, one for what goes wrong."""
    bot = PollingBot(
        token,
        base_url=_with_bot(config.telegram.base_url),
        request=request or HTTPXRequest(connection_pool_size=_CONNECTIONS, read_timeout=20, pool_timeout=20),
        get_updates_request=request or HTTPXRequest(connection_pool_size=1, read_timeout=20),
    )
    app: Bots = ApplicationBuilder().bot(bot).concurrent_updates(Lanes()).build()
    receiver = Receiver(desk, Sender(bot, pause=_pause_until(stop)), clock=clock)
    app.add_handler(TypeHandler(Update, receiver.on_update))
    app.add_error_handler(receiver.on_error)
    return app


class Receiver:
    """Takes every update the bot is sent and sees that it is answered once, late, or not at all."""

    def __init__(self, desk: Desk, sender: Sender, *, clock: Clock) -> None:
        self._desk = desk
        self._sender = sender
        self._clock = clock
        self._told_late: set[int] = set()

    async def on_update(self, update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Answer one update, if it asks for an answer.

        Raises: SendError where the reply could not be sent.
        """
        incoming = read(update, our_id=context.bot.id)
        if incoming is None or incoming.edited:
            return
        action = dialogue.decide(incoming, our_name=context.bot.username)
        if action is None:
            return
        now = self._clock()
        if now - incoming.sent_at <= LATE_AFTER:
            self._told_late.discard(incoming.chat_id)
            await self._answer(action, incoming, now)
        elif incoming.chat_id not in self._told_late:
            self._told_late.add(incoming.chat_id)
            await self._answer(Say(line="late"), incoming, now)

    async def on_error(self, update: object, context: ContextTypes.DEFAULT_TYPE) -> None:
        """Log what went wrong; where it was our fault and not Telegram's, tell the asker."""
        if isinstance(context.error, PlatformError):
            logger.warning("reply not sent error=%s reason=%s", type(context.error).__name__, context.error)
            return
        logger.error("update failed error=%s", type(context.error).__name__, exc_info=context.error)
        incoming = read(update, our_id=context.bot.id) if isinstance(update, Update) else None
        # Whoever did not speak to us is told nothing, least of all that we failed.
        if incoming is not None and dialogue.decide(incoming, our_name=context.bot.username) is not None:
            try:
                await self._answer(Say(line="failed"), incoming, self._clock())
            except SendError as failure:
                logger.warning("apology not sent error=%s", type(failure).__name__)

    async def _answer(self, action: Action, incoming: Incoming, now: datetime) -> None:
        if isinstance(action, Ask | More | Latest):
            _, reply = await asyncio.gather(self._sender.typing(incoming), self._desk.handle(action, incoming, now=now))
        else:
            reply = await self._desk.handle(action, incoming, now=now)
        for message in await self._sender.send(parts(reply, language=incoming.language), incoming):
            self._desk.remember(message.chat_id, message.message_id, incoming)


@asynccontextmanager
async def _running(app: Bots, base_url: str) -> AsyncIterator[None]:
    """Start in order, and undo in the opposite order what was started."""
    try:
        try:
            with translated():
                await app.initialize()
                await _set_menus(app)
                await _poll(app)
        except SendError as failure:
            raise UnreachableError(base_url, str(failure)) from failure
        await app.start()
        logger.info("telegram connected bot=%s", app.bot.username)
        yield
    finally:
        await _end(app)


async def _poll(app: Bots) -> None:
    if app.updater is None:
        raise TypeError("the application was built without an updater")
    await app.updater.start_polling(
        timeout=POLL_FOR,
        allowed_updates=ALLOWED_UPDATES,
        drop_pending_updates=False,
        error_callback=lambda cause: None,  # PollingBot has logged it
    )


async def _end(app: Bots) -> None:
    app.bot.close_polling()
    if app.updater is not None and app.updater.running:
        await app.updater.stop()
    if app.running:
        await app.stop()
    await app.shutdown()


async def _until(stop: asyncio.Event, ended: asyncio.Future[None]) -> None:
    """Wait for either. Raises: the ServeError that ended the polling."""
    stopped = asyncio.create_task(stop.wait())
    waited: set[asyncio.Future[Any]] = {stopped, ended}
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if ended.done():
        ended.result()


async def _set_menus(app: Bots) -> None:
    """Set the commands again at every start, so that an upgrade shows; a failure costs the menu, not the bot."""
    commands: Sequence[BotCommand] = [BotCommand(name, line(f"menu_{name}")) for name in COMMANDS]
    for scope in (make() for make in SCOPES):
        try:
            with translated():
                await app.bot.set_my_commands(commands, scope=scope)
        except SendError as failure:
            logger.warning("menu not set scope=%s error=%s", scope.type, type(failure).__name__)


def _with_bot(base_url: str) -> str:
    """Complete a server's address to what the library puts the token behind."""
    return base_url if base_url.endswith("/bot") else base_url.rstrip("/") + "/bot"


def _pause_until(stop: asyncio.Event) -> Callable[[float], Any]:
    async def pause(seconds: float) -> None:
        """Sleep, but not into the stop: what waits then is given up."""
        try:
            await asyncio.wait_for(stop.wait(), seconds)
        except TimeoutError:
            return
        raise NotDeliveredError("stopped while waiting to send")

    return pause
