"""`dateline run`: the composition root of the bot. Telegram, the desk and the watch loop over one archive worker."""

import asyncio
import os

from bot.commands import opening
from bot.commands.options import Options
from bot.commands.watch import archive_worker, stop_on_signals, watching
from bot.config import Config
from bot.desk import Desk
from bot.errors import RunError, UsageError
from bot.workers import Priority

TOKEN = "DATELINE_TELEGRAM_TOKEN"


def run(options: Options) -> None:
    """Serve until SIGTERM or SIGINT. Raises: UsageError without a token; RunError when Telegram cannot be served."""
    token = os.environ.get(TOKEN, "").strip()
    if not token:
        raise UsageError(f"the environment variable {TOKEN} is not set: it holds the token that @BotFather gave you")
    settings = opening.load(options)
    opening.start_log()
    asyncio.run(_serve(settings, token))


async def _serve(settings: Config, token: str) -> None:
    from bot.tg.app import serve
    from bot.tg.errors import ServeError

    stop = stop_on_signals()
    async with archive_worker(settings) as worker, watching(settings, worker):
        await worker.do(Priority.QUESTION, lambda archive: archive.warm())
        try:
            await serve(settings, Desk(worker, zone=settings.chat.zone), token=token, stop=stop)
        except ServeError as error:
            raise RunError(str(error)) from error
