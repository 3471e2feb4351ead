"""The HTTP face: `/bot<token>/<method>` as Telegram serves it, files, and pages that show a chat."""

import asyncio
import re
from collections.abc import Mapping

from aiohttp import web

from tests.botapi import api
from tests.botapi.core import Core
from tests.botapi.faults import DroppedError
from tests.botapi.page import page
from tests.botapi.refusals import RefusalError, not_found, unauthorized
from tests.botapi.state import Json

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")
_LARGEST_BYTES = 50_000_000


class Face:
    """Answers requests for one token on a loopback port."""

    def __init__(self, core: Core, token: str) -> None:
        self._core = core
        self._token = token
        self._runner: web.AppRunner | None = None

    async def start(self, port: int = 0) -> str:
        """Listen. Returns: the address, without a slash at its end."""
        app = web.Application(client_max_size=_LARGEST_BYTES)
        app.router.add_route("*", "/bot{token}/{method}", self._method)
        app.router.add_get("/file/bot{token}/files/{name}", self._file)
        app.router.add_get("/page/{chat}", self._page)
        self._runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", port)
        await site.start()
        host, bound = self._runner.addresses[0][:2]
        return f"http://{host}:{bound}"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
        self._runner = None

    def _check(self, token: str) -> None:
        if _TOKEN.fullmatch(token) is None:
            raise not_found()
        if token != self._token:
            raise unauthorized()

    async def _method(self, request: web.Request) -> web.StreamResponse:
        try:
            self._check(request.match_info["token"])
        except RefusalError as refusal:
            return web.json_response(refusal.body(), status=refusal.code)
        given, files = await _parameters(self._core, request)
        try:
            status, body = await api.call(self._core, request.match_info["method"], given, files)
        except DroppedError as dropped:
            if dropped.silent:
                await asyncio.Event().wait()  # until the bot hangs up, which cancels this
            if request.transport is not None:
                request.transport.abort()
            return web.Response(status=500)
        return web.json_response(body, status=status)

    async def _file(self, request: web.Request) -> web.Response:
        content = self._core.world.files.get(request.match_info["name"])
        if content is None or request.match_info["token"] != self._token:
            return web.json_response(not_found().body(), status=404)
        return web.Response(body=content)

    async def _page(self, request: web.Request) -> web.Response:
        wanted = request.match_info["chat"]
        chat = next((one for one in self._core.world.chats.values() if wanted in (str(one.id), one.title)), None)
        if chat is None:
            raise web.HTTPNotFound
        shown = page(chat, files=self._core.world.files, dark=request.query.get("theme") == "dark")
        return web.Response(text=shown, content_type="text/html")


async def _parameters(core: Core, request: web.Request) -> tuple[Json, Mapping[str, bytes]]:
    """Read query, form, multipart or JSON; a file is told by its name in `attach://`."""
    given: Json = dict(request.query)
    files: dict[str, bytes] = {}
    if request.content_type == "application/json":
        given |= await request.json() if request.can_read_body else {}
        return given, files
    for name, value in (await request.post()).items():
        if isinstance(value, str):
            given[name] = value
        elif isinstance(value, web.FileField):
            files[name] = value.file.read()
    return attached(core, given, files)


def attached(core: Core, given: Json, files: Mapping[str, bytes]) -> tuple[Json, Mapping[str, bytes]]:
    """Give each file a name of its own: a part is a parameter itself, or is named in one by `attach://`."""
    kept = {}
    for name, content in files.items():
        own = f"file{core.world.number()}"
        kept[own] = content
        used = [key for key, value in given.items() if isinstance(value, str) and f"attach://{name}" in value]
        for key in used:
            given[key] = given[key].replace(f"attach://{name}", f"attach://{own}")
        if not used:
            given[name] = f"attach://{own}"
    return given, kept
