"""`dateline run`: the composition root of the bot. Telegram, the desk and the watch loop over one archive worker."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.commands import opening
from bot.commands.options import Options
from bot.commands.watch import archive_worker, stop_on_signals, watching
from bot.config import Config
from bot.desk import Desk
from bot.errors import RunError, UsageError
from bot.store import BotStore
from bot.workers import Priority, Worker
from index import StoreError

logger = logging.getLogger(__name__)

RETAIN_EVERY_S = 24 * 3600.0
TOKEN = "DATELINE_TELEGRAM_TOKEN"
WEBHOOK_SECRET = "DATELINE_WEBHOOK_SECRET"


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT. Raises: UsageError without a token; RunError when Telegram cannot be served."""
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        raise UsageError(f"the environment variable {TOKEN} is not set: it holds the token that @BotFather gave you")
    settings = opening.load(options)
    opening.start_log()
    opening.share_one_heap()
    asyncio.run(_serve(settings, token, os.environ.get(WEBHOOK_SECRET, "").strip()))


async def _serve(settings: Config, token: str, webhook_secret: str) -> None:
    stop = stop_on_signals()
    async with (
        archive_worker(settings) as worker,
        opening.store_worker(settings) as store,
        watching(settings, worker) as watcher,
        retaining(store, days=settings.chat.keep_days),
    ):
        warming = worker.submit(Priority.QUESTION, lambda archive: archive.warm())
        # Half a second of imports, beside the model's loading.
        from bot.tg.app import serve
        from bot.tg.errors import ServeError

        await asyncio.wrap_future(warming)
        try:
            desk = Desk(worker, store, settings, on_stored=watcher.wake)
            await serve(settings, desk, token=token, webhook_secret=webhook_secret, stop=stop, planner=desk.unasked)
        except ServeError as error:
            raise RunError(str(error)) from error


@asynccontextmanager
async def retaining(store: Worker[BotStore], *, days: int) -> AsyncIterator[None]:
    """Delete once a day what has been kept long enough, beside what is done inside; first at once."""
    task = asyncio.create_task(_retain(store, days))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _retain(store: Worker[BotStore], days: int) -> None:
    while True:
        try:
            gone = await store.do(Priority.LOOK, lambda kept: kept.retain(now=opening.utc_now(), days=days))
            logger.info("retention done days=%d rows=%d", days, sum(gone.values()))
        except StoreError as error:
            logger.error("retention failed error=%s", error)
        await asyncio.sleep(RETAIN_EVERY_S)
