"""Serves Telegram: builds the library's Application, receives by polling or by webhook, ends with one clear error.

What is done with an update is `Receiver`'s.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from telegram import Update
from telegram.constants import UpdateType
from telegram.ext import Application, ApplicationBuilder, TypeHandler
from telegram.request import BaseRequest, HTTPXRequest

from bot.config import Config, TelegramConfig, TelegramMode
from bot.drain import Turns
from bot.ports import Conversation
from bot.tg.errors import NotDeliveredError, RefusedError, SendError, UnreachableError, WebhookError
from bot.tg.failures import translated
from bot.tg.lanes import Lanes
from bot.tg.menus import set_menus
from bot.tg.platform import TelegramPlatform
from bot.tg.polling import PollingBot
from bot.tg.posting import PacedCalls
from bot.tg.receiver import Receiver
from bot.tg.redaction import redacted
from bot.tg.replying import Replier
from bot.tg.sending import Sender
from bot.tg.unasked import TICK_S, Planner, Told, speaking
from bot.tg.webhook import Webhook, secret_of

logger = logging.getLogger(__name__)

POLL_FOR = timedelta(seconds=30)
ALLOWED_UPDATES = (
    UpdateType.MESSAGE,
    UpdateType.EDITED_MESSAGE,
    UpdateType.CHANNEL_POST,
    UpdateType.EDITED_CHANNEL_POST,
    UpdateType.CALLBACK_QUERY,
    UpdateType.INLINE_QUERY,
    UpdateType.CHOSEN_INLINE_RESULT,
    UpdateType.GUEST_MESSAGE,
    UpdateType.MY_CHAT_MEMBER,
)
_CONNECTIONS = 64

Bots = Application[PollingBot, Any, Any, Any, Any, Any]
Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Read the clock."""
    return datetime.now(UTC)


async def serve(
    config: Config,
    conversation: Conversation,
    *,
    token: str,
    webhook_secret: str = "",
    stop: asyncio.Event | None = None,
    request: BaseRequest | None = None,
    clock: Clock = utc_now,
    planner: Planner | None = None,
    tick_s: float = TICK_S,
) -> None:
    """Answer until `stop` is set; what was received by then is still answered.

    `webhook_secret`: what Telegram's calls are known by, one of its own for each start if empty.
    `planner`: who knows what is to be said unasked; looked at every `tick_s`.
    `request` replaces the network, for tests.
    Raises: ServeError, whose message is one line for the operator and never holds the token or the secret.
    """
    stop = stop or asyncio.Event()
    secret = secret_of(webhook_secret)
    with redacted(token), redacted(secret):
        with translated():
            turns = Turns(config.telegram.messages_per_second)
            app = build(config, conversation, token=token, stop=stop, request=request, clock=clock, turns=turns)
        replier = Replier(Sender(app.bot, pause=_pause_until(stop)), conversation, clock=clock)

        def told(planner: Planner) -> Told:
            return Told(conversation, replier, planner, clock=clock)

        async with (
            _running(app, config.telegram, secret),
            speaking(app.bot, planner, told, turns, clock=clock, tick_s=tick_s),
        ):
            await _until(stop, app.bot.ended)


def build(
    config: Config,
    conversation: Conversation,
    *,
    token: str,
    stop: asyncio.Event,
    request: BaseRequest | None,
    clock: Clock,
    turns: Turns,
) -> Bots:
    """Wire the Application: the bot, the lanes, one handler for all updates, one for what goes wrong."""
    bot = PollingBot(
        token,
        base_url=_with_bot(config.telegram.base_url),
        rate_limiter=PacedCalls(turns, per_second=config.telegram.messages_per_second),
        request=request or HTTPXRequest(connection_pool_size=_CONNECTIONS, read_timeout=20, pool_timeout=20),
        get_updates_request=request or HTTPXRequest(connection_pool_size=1, read_timeout=20),
    )
    app: Bots = ApplicationBuilder().bot(bot).concurrent_updates(Lanes()).build()
    sender = Sender(bot, pause=_pause_until(stop))
    receiver = Receiver(bot, conversation, sender, clock=clock, rest=_rest_until(stop))
    conversation.meet(TelegramPlatform(bot))
    app.add_handler(TypeHandler(Update, receiver.on_update))
    app.add_error_handler(receiver.on_error)
    return app


@asynccontextmanager
async def _running(app: Bots, config: TelegramConfig, secret: str) -> AsyncIterator[None]:
    """Start in order, and undo in the opposite order what was started."""
    webhook = Webhook(config, secret, app.bot, app.update_queue.put)
    menus: asyncio.Task[None] | None = None
    try:
        await _connect(app, config, webhook, secret)
        await app.start()
        logger.info("telegram connected bot=%s mode=%s", app.bot.username, config.mode.value)
        menus = asyncio.create_task(set_menus(app.bot))
        yield
    finally:
        if menus is not None:
            menus.cancel()
            with suppress(asyncio.CancelledError):
                await menus
        await webhook.stop()
        await _end(app)


async def _connect(app: Bots, config: TelegramConfig, webhook: Webhook, secret: str) -> None:
    """Make ourselves known and begin to receive. Raises: ServeError."""
    try:
        with translated():
            await app.initialize()
            if config.mode is TelegramMode.POLLING:
                await _poll(app)
            else:
                await _be_called(app, config, webhook, secret)
    except SendError as failure:
        raise UnreachableError(config.base_url, str(failure)) from failure


async def _be_called(app: Bots, config: TelegramConfig, webhook: Webhook, secret: str) -> None:
    webhook.start()
    try:
        with translated():
            await app.bot.set_webhook(config.webhook_url, allowed_updates=ALLOWED_UPDATES, secret_token=secret)
    except RefusedError as failure:
        raise WebhookError(f"Telegram does not take {config.webhook_url}: {failure}") from failure


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


def _with_bot(base_url: str) -> str:
    """Complete a server's address to what the library puts the token behind."""
    return base_url if base_url.endswith("/bot") else base_url.rstrip("/") + "/bot"


def _rest_until(stop: asyncio.Event) -> Callable[[float], Any]:
    async def rest(seconds: float) -> None:
        """Sleep, but not beyond the stop."""
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)

    return rest


def _pause_until(stop: asyncio.Event) -> Callable[[float], Any]:
    rest = _rest_until(stop)

    async def pause(seconds: float) -> None:
        """Sleep, but not into the stop: what waits then is given up."""
        await rest(seconds)
        if stop.is_set():
            raise NotDeliveredError("stopped while waiting to send")

    return pause
