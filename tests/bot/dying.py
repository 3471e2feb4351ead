"""How a process ends where nobody expects it: before a statement of its database, or with a request on its way."""

import asyncio
from typing import Any

from tests.botapi.inprocess import InProcessRequest


class Killed(BaseException):
    """The process is no more."""


class Mortal:
    """A connection that dies before a statement at which, after the one before it, none has died yet."""

    def __init__(self, connection: Any, died: set[tuple[str, str]]) -> None:  # noqa: ANN401  sqlite3's, or another's
        self._connection = connection
        self._died = died
        self._last = ""
        self.is_dead = False

    def execute(self, sql: str, *given: Any) -> Any:  # noqa: ANN401  as sqlite3 takes and gives
        self._steps(sql)
        return self._connection.execute(sql, *given)

    def executemany(self, sql: str, *given: Any) -> Any:  # noqa: ANN401  as sqlite3 takes and gives
        self._steps(sql)
        return self._connection.executemany(sql, *given)

    def rollback(self) -> None:
        if not self.is_dead:
            self._connection.rollback()

    def _steps(self, sql: str) -> None:
        between = self._last, sql
        if self.is_dead:
            raise Killed
        if between not in self._died:
            self._died.add(between)
            self.is_dead = True
            raise Killed
        self._last = sql


class SlowRequest(InProcessRequest):
    """A way to the server that takes a moment, there and back, so that one can die in it."""

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:  # noqa: ANN401  passed on
        await asyncio.sleep(0.03)
        answered = await super().do_request(*args, **kwargs)
        await asyncio.sleep(0.03)
        return answered
