"""Telegram's side of the wire, in memory: answers the library's requests and refuses what Telegram refuses."""

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from typing import Any

from telegram.request import BaseRequest, RequestData

from tests.bot.tg.builders import NOW, Json, our_user
from tests.bot.tg.markup import MarkupError, parse, units

Outcome = tuple[int, Json] | Exception


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    method: str
    parameters: Json


def refusal(code: int, description: str, **parameters: int) -> Outcome:
    """What Telegram answers instead of a result."""
    body: Json = {"ok": False, "error_code": code, "description": description}
    return code, {**body, "parameters": parameters} if parameters else body


class FakeTelegram(BaseRequest):
    """The request layer of a bot with one pending list of updates.

    `fail` puts outcomes before the next calls of a method. `handed_over` is set while all updates that
    were pushed have been fetched and confirmed.
    """

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.handed_over = asyncio.Event()
        self._pending: list[Json] = []
        self._news = asyncio.Event()
        self._failures: dict[str, list[Outcome]] = defaultdict(list)
        self._message_ids = count(1000)

    @property
    def read_timeout(self) -> float | None:
        return 1.0

    async def initialize(self) -> None:
        """Nothing to open."""

    async def shutdown(self) -> None:
        """Nothing to close."""

    def push(self, *updates: Json) -> None:
        self._pending += updates
        self.handed_over.clear()
        self._news.set()

    def fail(self, method: str, *outcomes: Outcome) -> None:
        self._failures[method] += outcomes

    def of(self, method: str) -> list[Json]:
        return [call.parameters for call in self.calls if call.method == method]

    @property
    def sent(self) -> list[Json]:
        return self.of("sendMessage")

    async def do_request(
        self, url: str, method: str, request_data: RequestData | None = None, *_: object, **__: object
    ) -> tuple[int, bytes]:
        name = url.rsplit("/", 1)[1]
        parameters = dict(request_data.parameters) if request_data else {}
        self.calls.append(Call(method=name, parameters=parameters))
        if self._failures[name]:
            outcome = self._failures[name].pop(0)
        else:
            outcome = await self._answer(name, parameters)
        if isinstance(outcome, Exception):
            raise outcome
        code, body = outcome
        return code, json.dumps(body).encode()

    async def _answer(self, name: str, parameters: Json) -> Outcome:
        methods: dict[str, Callable[[Json], Coroutine[Any, Any, Outcome]]] = {
            "getMe": self._get_me,
            "getUpdates": self._get_updates,
            "sendMessage": self._send_message,
            "sendChatAction": self._true,
            "setMyCommands": self._true,
            "deleteWebhook": self._true,
        }
        if name not in methods:
            return refusal(HTTPStatus.NOT_FOUND, "Not Found")
        return await methods[name](parameters)

    async def _get_me(self, parameters: Json) -> Outcome:
        return _ok({**our_user(), "can_join_groups": True, "can_read_all_group_messages": False})

    async def _true(self, parameters: Json) -> Outcome:
        return _ok(True)

    async def _get_updates(self, parameters: Json) -> Outcome:
        offset = parameters.get("offset") or 0
        self._pending = [update for update in self._pending if update["update_id"] >= offset]
        if not self._pending:
            self.handed_over.set()
            self._news.clear()
            if parameters.get("timeout"):
                await self._news.wait()
        return _ok(self._pending)

    async def _send_message(self, parameters: Json) -> Outcome:
        text = parameters["text"]
        if parameters.get("parse_mode") == "HTML":
            try:
                shown = parse(text)
            except MarkupError as error:
                return refusal(HTTPStatus.BAD_REQUEST, f"Bad Request: can't parse entities: {error}")
            text = shown.text
            if len(shown.entities) > 100:
                return refusal(HTTPStatus.BAD_REQUEST, "Bad Request: too many entities")
        if not text.strip():
            return refusal(HTTPStatus.BAD_REQUEST, "Bad Request: message text is empty")
        if units(text) > 4096:
            return refusal(HTTPStatus.BAD_REQUEST, "Bad Request: message is too long")
        if parameters.get("message_thread_id") == 1:
            return refusal(HTTPStatus.BAD_REQUEST, "Bad Request: message thread not found")
        chat = {"id": parameters["chat_id"], "type": "private"}
        message = {"message_id": next(self._message_ids), "date": int(NOW.timestamp()), "chat": chat, "text": text}
        return _ok(message)


def _ok(result: object) -> Outcome:
    return HTTPStatus.OK, {"ok": True, "result": result}
