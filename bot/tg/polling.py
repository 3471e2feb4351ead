"""The bot that asks Telegram for updates and knows when asking has no use any more.

The library's loop asks again after a Conflict, which throws the other instance out in its turn, and dies
unseen when the token is revoked. Here both end the asking, once, with an error for whoever serves.
"""

import asyncio
import logging
from typing import Any

from telegram import Update, error
from telegram.ext import ExtBot

from bot.tg.errors import PlatformError, ServeError
from bot.tg.failures import translate

logger = logging.getLogger(__name__)


class PollingBot(ExtBot[None]):
    """A bot whose `ended` gets the reason as its exception when polling cannot go on."""

    def __init__(self, token: str, **settings: Any) -> None:  # noqa: ANN401  the library's own settings, passed on
        super().__init__(token, **settings)
        self._closing = False
        self._ended: asyncio.Future[None] | None = None
        self._last_trouble = ""

    @property
    def ended(self) -> asyncio.Future[None]:
        """Done when polling is over; needs a running event loop."""
        if self._ended is None:
            self._ended = asyncio.get_running_loop().create_future()
        return self._ended

    def close_polling(self) -> None:
        """Say that trouble from now on is no trouble: we are leaving."""
        self._closing = True

    async def get_updates(self, *args: Any, **kwargs: Any) -> tuple[Update, ...]:  # noqa: ANN401  as above
        """Ask once; after the end, ask nothing.

        Raises: TelegramError where asking again may help.
        """
        if self.ended.done():
            return ()
        try:
            updates = await super().get_updates(*args, **kwargs)
        except error.TelegramError as cause:
            return await self._after(cause)
        self._recovered()
        return updates

    async def _after(self, cause: error.TelegramError) -> tuple[Update, ...]:
        failure = translate(cause)
        if isinstance(failure, ServeError):
            self.ended.set_exception(failure)
            await asyncio.Event().wait()  # until the updater is stopped, which cancels this
        if self._closing:
            return ()
        self._troubled(failure)
        raise cause

    def _troubled(self, failure: PlatformError) -> None:
        """Log a kind of trouble once, not at every attempt."""
        if type(failure).__name__ != self._last_trouble:
            self._last_trouble = type(failure).__name__
            logger.warning("polling failed error=%s reason=%s", self._last_trouble, failure)

    def _recovered(self) -> None:
        if self._last_trouble:
            self._last_trouble = ""
            logger.info("polling recovered")
