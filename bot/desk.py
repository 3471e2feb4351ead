"""The desk: from an Action to a Reply, by way of the archive's worker. Remembers what follow-ups need.

Knows no platform. A question's text stays in memory, for a bounded time, and is never logged.
"""

import logging
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, TypeVar, assert_never

from bot import replies
from bot.types import (
    Action,
    Ask,
    Forget,
    Incoming,
    Latest,
    More,
    Open,
    Page,
    Place,
    PressWord,
    Reply,
    Say,
    Settings,
    Since,
    Sources,
    Verify,
)
from bot.workers import Priority, Worker
from index import Answer, ArchiveError, ArchiveStatus, Previous, Question, QuestionError, previous_of

logger = logging.getLogger(__name__)

FOLLOW_UP_FOR = timedelta(minutes=10)
REPLY_FOR = timedelta(days=1)
EXCHANGES = 10_000
MORE = "more"  # what the archive reads as a wish for the next excerpts

K = TypeVar("K")


class AnsweringArchive(Protocol):
    """What the desk needs of the archive."""

    def ask(self, question: Question) -> Answer:
        """Answer, or abstain."""

    def latest(
        self,
        *,
        now: datetime,
        limit: int = 3,
        topic: str = "",
        zone: str = "UTC",
        live_blog: str | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> Answer:
        """Return the newest updates as excerpts."""

    def status(self, *, now: datetime) -> ArchiveStatus:
        """Tell what is held."""

    def close(self) -> None:
        """Close what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and the updates shown for it so far; `latest` where it was for the newest ones of a topic."""

    previous: Previous
    at: datetime
    latest: bool = False


class Desk:
    """Answers one message at a time, any number of them at once."""

    def __init__(self, worker: Worker[AnsweringArchive], *, zone: str = "UTC") -> None:
        self._worker = worker
        self._zone = zone
        self._last: OrderedDict[tuple[int, int | None], Exchange] = OrderedDict()
        self._by_message: OrderedDict[tuple[int, int], Exchange] = OrderedDict()

    async def handle(self, action: Action, incoming: Incoming, now: datetime) -> Reply:
        """Do what was asked and say what to reply. Trouble with the archive is logged and becomes a line."""
        try:
            return await self._handle(action, incoming, now)
        except QuestionError as error:
            logger.info("question refused reason=%s", type(error).__name__)
            return replies.said("empty_question", language=incoming.language)
        except ArchiveError as error:
            logger.error("archive failed action=%s error=%r", type(action).__name__, error)
            return replies.said("unavailable", language=incoming.language)

    def remember(self, chat_id: int, message_id: int, incoming: Incoming) -> None:
        """Learn that our message `message_id` answers `incoming`, so that a reply to it is a follow-up."""
        exchange = self._by_message.get((incoming.chat_id, incoming.message_id))
        if exchange is not None:
            self._keep_by_message((chat_id, message_id), exchange)

    async def _handle(self, action: Action, incoming: Incoming, now: datetime) -> Reply:
        match action:
            case Ask():
                return await self._ask(action, incoming, now)
            case More():
                return await self._more(incoming, now)
            case Latest(topic=topic):
                answer = await self._latest(incoming, now, topic)
                return replies.of_latest(answer, topic=topic, now=now, zone=self._zone, language=incoming.language)
            case Sources():
                status = await self._worker.do(Priority.QUESTION, lambda archive: archive.status(now=now))
                return replies.of_status(status, now=now, zone=self._zone, language=incoming.language)
            case Page(topic=page):
                return replies.said(page.value, language=incoming.language)
            case Say(line=key):
                return replies.said(key, language=incoming.language)
            case Since() | Verify() | Open() | Settings() | Forget() | PressWord():
                return replies.said("unknown_command", language=incoming.language)
            case _:
                assert_never(action)

    async def _ask(self, action: Ask, incoming: Incoming, now: datetime) -> Reply:
        followed = self._followed(incoming, now)
        answer = await self._answer(incoming, now, action.question, followed.previous if followed else None)
        return replies.of_answer(answer, now=now, zone=self._zone, language=incoming.language)

    async def _more(self, incoming: Incoming, now: datetime) -> Reply:
        followed = self._followed(incoming, now)
        if followed is None:
            return replies.said("more_of_what", language=incoming.language)
        if followed.latest:
            answer = await self._latest(incoming, now, followed.previous.question, followed.previous.cited)
        else:
            answer = await self._answer(incoming, now, MORE, followed.previous)
        return replies.of_more(answer, now=now, zone=self._zone, language=incoming.language)

    async def _answer(self, incoming: Incoming, now: datetime, text: str, previous: Previous | None) -> Answer:
        question = Question(text=text, now=now, zone=self._zone, previous=previous)
        answer = await self._worker.do(Priority.QUESTION, lambda archive: archive.ask(question))
        self._keep(incoming, Exchange(previous=previous_of(answer), at=now))
        return answer

    async def _latest(self, incoming: Incoming, now: datetime, topic: str, leave_out: tuple[str, ...] = ()) -> Answer:
        answer = await self._worker.do(
            Priority.QUESTION,
            lambda archive: archive.latest(now=now, topic=topic, zone=self._zone, leave_out=leave_out),
        )
        self._keep(incoming, Exchange(previous=previous_of(answer), at=now, latest=True))
        return answer

    def _followed(self, incoming: Incoming, now: datetime) -> Exchange | None:
        """Find what this message may follow: what the one it replies to answered, else the asker's last question."""
        exchange = self._answered_by(incoming, now)
        if exchange is None and incoming.place is not Place.GROUP:
            exchange = self._last.get((incoming.chat_id, incoming.user_id))
            if exchange is not None and now - exchange.at > FOLLOW_UP_FOR:
                exchange = None
        return exchange

    def _answered_by(self, incoming: Incoming, now: datetime) -> Exchange | None:
        if incoming.reply_to_message_id is None:
            return None
        exchange = self._by_message.get((incoming.chat_id, incoming.reply_to_message_id))
        return exchange if exchange is not None and now - exchange.at <= REPLY_FOR else None

    def _keep(self, incoming: Incoming, exchange: Exchange) -> None:
        self._keep_by_message((incoming.chat_id, incoming.message_id), exchange)
        if incoming.place is not Place.GROUP:
            asker = (incoming.chat_id, incoming.user_id)
            self._last[asker] = exchange
            self._last.move_to_end(asker)
        self._forget(exchange.at)

    def _keep_by_message(self, message: tuple[int, int], exchange: Exchange) -> None:
        self._by_message[message] = exchange
        self._by_message.move_to_end(message)

    def _forget(self, now: datetime) -> None:
        _drop(self._last, before=now - FOLLOW_UP_FOR)
        _drop(self._by_message, before=now - REPLY_FOR)


def _drop(kept: OrderedDict[K, Exchange], *, before: datetime) -> None:
    """Drop, oldest first, what is too old to be followed up and what is too much."""
    while kept and (next(iter(kept.values())).at < before or len(kept) > EXCHANGES):
        kept.popitem(last=False)
