"""Takes Telegram's calls where updates come by webhook, and refuses everybody else's.

The library's own server takes bodies of 100 MB and logs a wrong secret; tornado, which it stands on, is used
directly instead. What a refused call held is never logged.
"""

import hmac
import json
import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import NoReturn
from urllib.parse import urlsplit

from telegram import Bot, Update
from tornado.httpserver import HTTPServer
from tornado.web import Application, HTTPError, RequestHandler

from bot.config import TelegramConfig
from bot.tg.errors import WebhookError

logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 1_000_000
BODY_WITHIN_S = 30.0
SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")

Take = Callable[[Update], Awaitable[None]]


def secret_of(given: str) -> str:
    """Return the secret that the operator gave, or a random one for this start. Raises: WebhookError."""
    if given and _SECRET.fullmatch(given) is None:
        raise WebhookError("the webhook's secret may only hold 1 to 256 of the characters A-Z a-z 0-9 _ -")
    return given or secrets.token_urlsafe(32)


def path_of(config: TelegramConfig) -> str:
    """Return the path we listen on: the one set, else that of the public address."""
    return config.webhook_path or urlsplit(config.webhook_url).path or "/"


class Webhook:
    """A server on this machine that hands over every update that comes with the right secret."""

    def __init__(self, config: TelegramConfig, secret: str, bot: Bot, take: Take) -> None:
        settings = {"secret": secret, "bot": bot, "take": take, "refusals": Refusals()}
        calls = _Calls([(re.escape(path_of(config)), _Call, settings)], default_handler_class=_Nothing)
        self._server = HTTPServer(calls, max_body_size=MAX_BODY_BYTES, body_timeout=BODY_WITHIN_S)
        self._config = config

    def start(self) -> None:
        """Listen. Raises: WebhookError where the address is taken."""
        place = f"{self._config.webhook_listen}:{self._config.webhook_port}"
        try:
            self._server.listen(self._config.webhook_port, address=self._config.webhook_listen)
        except OSError as error:
            raise WebhookError(f"cannot listen on {place}: {error.strerror or error}") from error
        logger.info("webhook listening at=%s", place)

    async def stop(self) -> None:
        """Take no more calls and end those that are open."""
        self._server.stop()
        await self._server.close_all_connections()


class Refusals:
    """Counts refused calls and logs the first, the tenth, the hundredth: a forger fills no disk."""

    def __init__(self) -> None:
        self._count = 0

    def add(self, status: HTTPStatus) -> None:
        """Count one."""
        self._count += 1
        if str(self._count).strip("0") == "1":
            logger.warning("webhook call refused status=%d refused=%d", status, self._count)


class _Calls(Application):
    def log_request(self, handler: RequestHandler) -> None:
        """Log nothing: tornado would log the address and the path of every call."""


class _Nothing(RequestHandler):
    """Any other path."""

    def prepare(self) -> None:
        """Know nothing."""
        raise HTTPError(HTTPStatus.NOT_FOUND)

    def log_exception(self, *about: object) -> None:
        """Log nothing, as above."""


class _Call(RequestHandler):
    """One update."""

    SUPPORTED_METHODS = ("POST",)

    def initialize(self, secret: str, bot: Bot, take: Take, refusals: Refusals) -> None:
        """Take over what all calls share."""
        self._secret, self._bot, self._take, self._refusals = secret, bot, take, refusals

    def prepare(self) -> None:
        """Refuse whoever does not know the secret; the comparison takes the same time for every guess."""
        told = self.request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(told.encode(), self._secret.encode()):
            self._refuse(HTTPStatus.FORBIDDEN)

    async def post(self) -> None:
        """Hand the update over."""
        try:
            told = json.loads(self.request.body)
        except (ValueError, RecursionError):
            self._refuse(HTTPStatus.BAD_REQUEST)
        if not isinstance(told, dict):
            self._refuse(HTTPStatus.BAD_REQUEST)
        update = Update.de_json(told, self._bot)
        if update is not None:
            await self._take(update)

    def _refuse(self, status: HTTPStatus) -> NoReturn:
        self._refusals.add(status)
        raise HTTPError(status)

    def log_exception(self, kind: object, value: BaseException | None, trace: object) -> None:
        """Log our bugs, and refusals not again."""
        if value is not None and not isinstance(value, HTTPError):
            logger.error("webhook call failed error=%s", type(value).__name__, exc_info=value)
