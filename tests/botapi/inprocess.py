"""The library's request layer straight into the server's methods, without HTTP: for runs of many days and chats."""

import json

from telegram.error import NetworkError, TimedOut
from telegram.request import BaseRequest, RequestData

from tests.botapi import api
from tests.botapi.faults import DroppedError
from tests.botapi.http import attached
from tests.botapi.server import Server


class InProcessRequest(BaseRequest):
    """Give it to `Bot(request=…, get_updates_request=…)`; the server need not be started."""

    def __init__(self, server: Server) -> None:
        self._server = server

    @property
    def read_timeout(self) -> float | None:
        return 5.0

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        given = dict(request_data.parameters) if request_data else {}
        parts = request_data.multipart_data if request_data else {}
        files = {name: part[1] if isinstance(part[1], bytes) else part[1].read() for name, part in parts.items()}
        given, kept = attached(self._server.core, given, files)
        try:
            status, body = await api.call(self._server.core, url.rpartition("/")[2], given, kept)
        except DroppedError as error:
            if error.silent:
                raise TimedOut from error
            raise NetworkError("the connection was dropped") from error
        return status, json.dumps(body).encode()
