"""Telegram's calls to the bot's webhook: which addresses it takes, the secret in the header, retries, the report."""

import asyncio
import re
from collections.abc import Mapping
from urllib.parse import urlsplit

import aiohttp

from tests.botapi.delivery import WEBHOOK_SET, Delivery
from tests.botapi.refusals import bad_request
from tests.botapi.state import Clock, Json

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
PORTS = (None, 80, 88, 443, 8443)
_SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")


class Webhook:
    """At most one address. `routes` says which loopback server stands behind a public https prefix."""

    def __init__(self, delivery: Delivery, clock: Clock, routes: Mapping[str, str], *, retry_s: float) -> None:
        self.info: Json = {}
        self.secret = ""
        self.routes = dict(routes)
        self._delivery = delivery
        self._clock = clock
        self._retry_s = retry_s
        self._pump: asyncio.Task[None] | None = None

    def set(self, given: Json) -> bool:
        """Carry out setWebhook. Raises: RefusalError."""
        url, secret = given["url"], given.get("secret_token") or ""
        if url:
            self._check(url, secret, given.get("max_connections", 40))
        self._delivery.allow(given.get("allowed_updates"))
        if given.get("drop_pending_updates"):
            self._delivery.pending.clear()
        self.stop()
        self._delivery.webhook_url, self.secret = url, secret
        self.info = {"max_connections": given.get("max_connections", 40)} if url else {}
        if url:
            self._delivery.interrupt(WEBHOOK_SET)
            self._pump = asyncio.get_running_loop().create_task(self._run())
        return True

    def _check(self, url: str, secret: str, connections: int) -> None:
        parts = urlsplit(url)
        if parts.scheme != "https" or not parts.hostname:
            raise bad_request("bad webhook: An HTTPS URL must be provided for webhook")
        if parts.port not in PORTS:
            raise bad_request("bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443")
        if secret and _SECRET.fullmatch(secret) is None:
            raise bad_request("secret token contains unallowed characters")
        if not 1 <= connections <= 100:
            raise bad_request("max_connections must be between 1 and 100")
        if not self._target(url):
            raise bad_request("bad webhook: Failed to resolve host: Name or service not known")

    def _target(self, url: str) -> str:
        """Return where a public address leads on this machine, "" where it leads nowhere."""
        for public, local in self.routes.items():
            if url.startswith(public):
                return local + url.removeprefix(public)
        return ""

    def report(self) -> Json:
        """Answer getWebhookInfo."""
        kinds = {} if not self._delivery.webhook_url else {"allowed_updates": sorted(self._delivery.allowed)}
        told: Json = {"url": self._delivery.webhook_url, "has_custom_certificate": False}
        return {**told, "pending_update_count": len(self._delivery.pending), **self.info, **kinds}

    def stop(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
        self._pump = None

    async def _run(self) -> None:
        at_once = asyncio.Semaphore(self.info["max_connections"])
        under_way: dict[int, asyncio.Task[None]] = {}
        async with aiohttp.ClientSession() as client, asyncio.TaskGroup() as calls:
            while True:
                self._delivery.news.clear()
                self._delivery.forget_old()
                for _, update in list(self._delivery.pending):
                    if update["update_id"] not in under_way:
                        call = self._deliver(client, update, at_once)
                        under_way[update["update_id"]] = calls.create_task(call)
                await self._delivery.news.wait()

    async def _deliver(self, client: aiohttp.ClientSession, update: Json, at_once: asyncio.Semaphore) -> None:
        """Post one update until the bot has taken it."""
        async with at_once:
            while not await self._taken(client, update):
                await asyncio.sleep(self._retry_s)
        left = [one for one in self._delivery.pending if one[1] is not update]
        self._delivery.pending.clear()
        self._delivery.pending.extend(left)
        self._delivery.delivered.append(update)
        self._delivery.touch()

    async def _taken(self, client: aiohttp.ClientSession, update: Json) -> bool:
        headers = {SECRET_HEADER: self.secret} if self.secret else {}
        target = self._target(self._delivery.webhook_url)
        try:
            async with client.post(target, json=update, headers=headers) as answer:
                if answer.ok:
                    return True
                trouble = f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except (aiohttp.ClientError, TimeoutError):
            trouble = "Connection refused"
        self.info |= {"last_error_date": int(self._clock().timestamp()), "last_error_message": trouble}
        self._delivery.touch()
        return False
