"""What follow-ups need, in memory for a bounded time: the question behind an answer and what was shown for it. Pure.

The only place where a question's text outlives its answer; never written anywhere.
"""

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from bot.records import SentKind
from bot.types import Incoming, Place
from index import Previous

FOLLOW_UP_FOR = timedelta(minutes=10)
REPLY_FOR = timedelta(days=1)
EXCHANGES = 10_000

K = TypeVar("K", bound=Hashable)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and the updates shown for it so far; `kind` tells how to go on, `sent_id` what it became.

    `is_news`: it was for what is new since `seen`, which is as `archive.since` takes it.
    """

    previous: Previous
    at: datetime
    kind: SentKind = SentKind.ANSWER
    sent_id: str = ""
    is_news: bool = False
    seen: int | str | None = None
    asked_by: int | None = None


class Memory:
    """The exchanges of everybody: by asker for ten minutes, by what we said for a day."""

    def __init__(self) -> None:
        self._last: OrderedDict[tuple[int, int | None], Exchange] = OrderedDict()
        self._by_sent: OrderedDict[str, Exchange] = OrderedDict()

    def keep(self, exchange: Exchange, incoming: Incoming | None) -> None:
        """Keep an exchange, and where it was in no group, as its asker's last."""
        self._by_sent[exchange.sent_id] = exchange
        self._by_sent.move_to_end(exchange.sent_id)
        if incoming is not None and incoming.place in (Place.PRIVATE, Place.TERMINAL):
            asker = (incoming.chat_id, incoming.user_id)
            self._last[asker] = exchange
            self._last.move_to_end(asker)
        _drop(self._last, before=exchange.at - FOLLOW_UP_FOR)
        _drop(self._by_sent, before=exchange.at - REPLY_FOR)

    def of_sent(self, sent_id: str, now: datetime) -> Exchange | None:
        """Return the exchange that one of our messages belongs to."""
        exchange = self._by_sent.get(sent_id)
        return exchange if exchange is not None and now - exchange.at <= REPLY_FOR else None

    def last(self, incoming: Incoming, now: datetime) -> Exchange | None:
        """Return the asker's last exchange here; none in groups, where only replies follow."""
        exchange = self._last.get((incoming.chat_id, incoming.user_id))
        return exchange if exchange is not None and now - exchange.at <= FOLLOW_UP_FOR else None

    def forget(self, *, chat_id: int, user_id: int | None = None) -> int:
        """Forget what a person asked, or what was asked in a chat; returns how many questions that were."""
        mine = [key for key in self._last if key[0] == chat_id or (user_id is not None and key[1] == user_id)]
        asked = {self._last.pop(key).sent_id for key in mine}
        asked |= {key for key, one in self._by_sent.items() if user_id is not None and one.asked_by == user_id}
        return sum(self._by_sent.pop(key, None) is not None for key in asked)

    def count(self, *, user_id: int | None, now: datetime) -> int:
        """Count the questions that are held of a person."""
        return sum(one.asked_by == user_id and now - one.at <= REPLY_FOR for one in self._by_sent.values())


def _drop(kept: OrderedDict[K, Exchange], *, before: datetime) -> None:
    """Drop, oldest first, what is too old to be followed up and what is too much."""
    while kept and (next(iter(kept.values())).at < before or len(kept) > EXCHANGES):
        kept.popitem(last=False)
