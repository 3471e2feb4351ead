"""How often a bot may send: per chat, per group or channel, and overall, by the clock it is given.

A window of n messages in s seconds; who is too fast is told the whole seconds to wait. The defaults are what
Telegram documents, with the short bursts that it lets pass in one chat.
"""

import math
from collections import defaultdict, deque
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.botapi.refusals import too_many_requests
from tests.botapi.state import Chat, Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    count: int
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """None: no limit. `paid` stands in for `overall` where a call allows a paid broadcast."""

    chat: Window | None = Window(count=5, seconds=5)
    group: Window | None = Window(count=20, seconds=60)
    overall: Window | None = Window(count=30, seconds=1)
    paid: Window | None = Window(count=1000, seconds=1)


STRICT = Limits(chat=Window(count=1, seconds=1))
NONE = Limits(chat=None, group=None, overall=None, paid=None)


class Meter:
    """Counts what was let through and refuses what is too much."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.let_through = 0
        self.refused = 0
        self._sent: dict[object, deque[datetime]] = defaultdict(deque)
        self._closed: dict[int | None, datetime] = {}

    def close(self, chat: Chat | None, until: datetime) -> None:
        """Refuse everything to one chat, or to all, until a moment."""
        self._closed[chat.id if chat else None] = until

    def take(self, chat: Chat, now: datetime, *, paid: bool = False) -> None:
        """Let one message through. Raises: RefusalError with the seconds to wait."""
        windows = self._windows(chat, paid=paid)
        waits = [self._wait(key, window, now) for key, window in windows]
        waits += [(until - now).total_seconds() for key in (None, chat.id) if (until := self._closed.get(key))]
        wait_s = max(waits, default=0.0)
        if wait_s > 0:
            self.refused += 1
            raise too_many_requests(max(1, math.ceil(wait_s)))
        for key, _ in windows:
            self._sent[key].append(now)
        self.let_through += 1

    def _windows(self, chat: Chat, *, paid: bool) -> list[tuple[object, Window]]:
        own = self.limits.chat if chat.kind is Kind.PRIVATE else self.limits.group
        overall = self.limits.paid if paid else self.limits.overall
        named = ((chat.id, own), ("paid" if paid else "overall", overall))
        return [(key, window) for key, window in named if window is not None]

    def _wait(self, key: object, window: Window, now: datetime) -> float:
        sent = self._sent[key]
        begin = now - timedelta(seconds=window.seconds)
        while sent and sent[0] <= begin:
            sent.popleft()
        return (sent[0] - begin).total_seconds() if len(sent) >= window.count else 0.0
