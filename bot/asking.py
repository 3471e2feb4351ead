"""Answers questions, shows the newest and what is new, and goes on from there: "more", follow-ups.

What is shown next is fetched with the answer and stands in the ledger, so that "more" works after a restart; the
question's text does not, so that what comes after that needs our memory.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from bot import pages, replies
from bot.actions import Ask, Latest, Since
from bot.backroom import AnsweringArchive, Backroom, Voice, excerpts_of
from bot.keyboard import Asker, asker_of
from bot.memory import Exchange, Memory
from bot.noting import Noting
from bot.records import Claim, Cursor, SentKind
from bot.types import Incoming, Place, Reply
from index import Answer, Excerpt, Intent, News, Previous, Question, QuestionError, previous_of

MORE = "more"  # what the archive reads as a wish for the next excerpts
NEXT = 3
NEWS = 5
_UNSETTLED = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    """An answer and what comes after it."""

    answer: Answer
    upcoming: tuple[Excerpt, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Unsettled:
    """What becomes final when a reply was sent, and is undone when it was not."""

    claimed_from: str = ""
    claim: Claim | None = None
    reader: tuple[int, int] | None = None
    cursor: Cursor | None = None


class Asking:
    """The room for questions."""

    def __init__(self, backroom: Backroom, noting: Noting, memory: Memory) -> None:
        """Take where to ask, where to write down, and what is remembered."""
        self._backroom = backroom
        self._noting = noting
        self._memory = memory
        self._unsettled: OrderedDict[str, _Unsettled] = OrderedDict()
        self._waiting: deque[Question] = deque()

    # Questions

    async def ask(
        self, action: Ask, incoming: Incoming, voice: Voice, now: datetime, *, post: Previous | None = None
    ) -> Reply:
        """Answer a question, in the light of the one it follows, or else of the channel's `post` it comments on."""
        followed = await self.followed(incoming, now)
        said = await self.answered(action.question, voice, now, followed.previous if followed else post)
        only = await self._backroom.searched(voice)
        reply = replies.of_answer(said.answer, now=now, zone=voice.zone, language=voice.language, only=only)
        kind = SentKind.FIGURE if said.answer.query.intent is Intent.FIGURE else SentKind.ANSWER
        return await self._kept(reply, said, kind, incoming, now, dated=True)

    async def answered(self, text: str, voice: Voice, now: datetime, previous: Previous | None = None) -> _Said:
        """Ask the archive, and for what would come next."""
        question = Question(
            text=text,
            now=now,
            zone=voice.zone,
            previous=previous,
            sources=voice.sources,
            live_blogs=voice.live_blogs,
        )

        self._waiting.append(question)

        def job(archive: AnsweringArchive) -> _Said:
            archive.foresee(_drained(self._waiting))
            answer = archive.ask(question)
            if not answer.more:
                return _Said(answer=answer)
            following = replace(question, text=MORE, previous=previous_of(answer))
            return _Said(answer=answer, upcoming=archive.ask(following).excerpts)

        return await self._backroom.archive(job)

    async def latest(self, action: Latest, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        """Show the newest updates, of a topic where one is named."""
        said = await self.newest(action, voice, now)
        reply = replies.of_latest(said.answer, topic=action.topic, now=now, zone=voice.zone, language=voice.language)
        return await self._kept(reply, said, SentKind.LATEST, incoming, now, dated=True)

    async def newest(self, action: Latest, voice: Voice, now: datetime) -> _Said:
        """Fetch the newest updates, and what would come next."""

        def job(archive: AnsweringArchive) -> _Said:
            answer = _latest(archive, voice, now, action.topic, ())
            if not answer.more:
                return _Said(answer=answer)
            return _Said(
                answer=answer, upcoming=_latest(archive, voice, now, action.topic, previous_of(answer).cited).excerpts
            )

        return await self._backroom.archive(job)

    # What is new

    async def since(self, action: Since, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        """Show what is new since the reader last looked here, or since a time, which leaves that where it is."""
        if action.moment:
            return await self._since_time(action.moment, incoming, voice, now)
        reader = (incoming.chat_id, incoming.user_id or 0)
        cursor = await self._backroom.store(lambda store: store.cursor(*reader))
        seen: int | str | None = cursor.seq if cursor else "24 hours"
        news = await self._news(seen, voice, now)
        moment: datetime | None = cursor.seen_until if cursor else now - pages.FIRST_LOOK
        if cursor is None and not news.answer.excerpts:
            seen, moment, news = None, None, await self._news(None, voice, now)
        reply = pages.of_news(news, since=moment, first=cursor is None, zone=voice.zone, language=voice.language)
        reply = await self._kept_news(reply, news, seen, incoming, voice, now)
        moved = Cursor(seq=news.cursor, seen_until=now)
        self._settle_later(reply.sent_id, _Unsettled(reader=reader, cursor=moved))
        return reply

    async def _since_time(self, moment: str, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        try:
            news = await self._news(moment, voice, now)
        except QuestionError:
            return replies.said("since_unread", language=voice.language, text=moment)
        scope = news.answer.query.scope
        since = scope.since if scope else None
        reply = pages.of_news(news, since=since, first=False, zone=voice.zone, language=voice.language)
        return await self._kept_news(reply, news, moment, incoming, voice, now)

    async def _news(self, seen: int | str | None, voice: Voice, now: datetime) -> News:
        return await self._backroom.archive(lambda archive: _since(archive, seen, voice, now, ()))

    async def _kept_news(
        self, reply: Reply, news: News, seen: int | str | None, incoming: Incoming, voice: Voice, now: datetime
    ) -> Reply:
        said = _Said(answer=news.answer)
        if news.answer.more:
            cited = previous_of(news.answer).cited
            upcoming = await self._backroom.archive(lambda archive: _since(archive, seen, voice, now, cited))
            said = replace(said, upcoming=upcoming.answer.excerpts)
        return await self._kept(reply, said, SentKind.LATEST, incoming, now, seen=seen)

    # What comes next

    async def more(self, incoming: Incoming, voice: Voice, now: datetime) -> Reply:
        """Show the next excerpts of what a message follows."""
        sent_id, exchange = await self._more_of(incoming, now)
        if not sent_id:
            return replies.said("more_of_what", language=voice.language)
        reply = await self.more_of(sent_id, exchange, asker_of(incoming), incoming, voice, now)
        if reply is not None:
            return reply
        if exchange is None:
            return replies.said("no_more", language=voice.language)
        answer = await self._backroom.archive(_continue(exchange, voice, now))
        return replies.of_no_more(answer, now=now, zone=voice.zone, language=voice.language)

    async def more_of(
        self,
        sent_id: str,
        exchange: Exchange | None,
        asker: Asker,
        incoming: Incoming | None,
        voice: Voice,
        now: datetime,
    ) -> Reply | None:
        """Show the next excerpts of one of our messages; None where there are none."""
        claim = await self._backroom.store(lambda store: store.claim_more(sent_id, NEXT))
        excerpts = await self._backroom.archive(lambda archive: excerpts_of(archive, claim.quotes))
        if not excerpts and exchange is not None:
            excerpts = (await self._backroom.archive(_continue(exchange, voice, now))).excerpts
        if not excerpts:
            return None
        upcoming: tuple[Excerpt, ...] = ()
        left = claim.left
        if exchange is not None:
            exchange = _with_cited(exchange, excerpts)
            self._memory.keep(exchange, None)
            if not left:
                following = await self._backroom.archive(_continue(exchange, voice, now))
                upcoming, left = following.excerpts, len(following.excerpts) + following.more
        reply = replies.of_next(excerpts, more=left, zone=voice.zone, language=voice.language)
        more_from = sent_id if claim.left else ""
        kind = exchange.kind if exchange else SentKind.ANSWER
        reply = await self._noting.noted(reply, asker, kind=kind, at=now, pending=upcoming, more_from=more_from)
        if exchange is not None:
            self._memory.keep(replace(exchange, sent_id=reply.sent_id, at=now), incoming)
        self._settle_later(reply.sent_id, _Unsettled(claimed_from=sent_id, claim=claim))
        return reply

    async def followed(self, incoming: Incoming, now: datetime) -> Exchange | None:
        """Find what a message may follow: what the one it replies to answered, else the asker's last question."""
        sent_id = await self._replied(incoming)
        exchange = self._memory.of_sent(sent_id, now) if sent_id else None
        return exchange or self._memory.last(incoming, now)

    async def _more_of(self, incoming: Incoming, now: datetime) -> tuple[str, Exchange | None]:
        sent_id = await self._replied(incoming)
        exchange = self._memory.of_sent(sent_id, now) if sent_id else self._memory.last(incoming, now)
        return (exchange.sent_id if exchange else sent_id), exchange

    async def _replied(self, incoming: Incoming) -> str:
        """Return the id of the message of ours that this one replies to, "" where it replies to none."""
        message_id = incoming.reply_to_message_id
        if message_id is None or incoming.place is Place.GUEST:
            return ""
        sent = await self._backroom.store(lambda store: store.sent_by_message(incoming.chat_id, message_id))
        return sent.id if sent else ""

    async def _kept(
        self,
        reply: Reply,
        said: _Said,
        kind: SentKind,
        incoming: Incoming,
        now: datetime,
        *,
        seen: int | str | None = None,
        dated: bool = False,
    ) -> Reply:
        """Write a reply down, and remember the question behind it."""
        asker = asker_of(incoming)
        reply = await self._noting.noted(reply, asker, kind=kind, at=now, pending=said.upcoming, dated=dated)
        exchange = Exchange(
            previous=previous_of(said.answer),
            at=now,
            kind=kind,
            sent_id=reply.sent_id,
            seen=seen,
            is_news=seen is not None,
            asked_by=incoming.user_id,
        )
        self._memory.keep(exchange, incoming)
        return reply

    # After sending

    async def settle(self, sent_id: str) -> None:
        """Make final what hung on a reply that was sent: how far its reader has looked."""
        done = self._unsettled.pop(sent_id, None)
        if done is not None and done.reader is not None and done.cursor is not None:
            (chat_id, user_id), cursor = done.reader, done.cursor
            await self._backroom.store(lambda store: store.move_cursor(chat_id, user_id, cursor))

    async def undo(self, sent_id: str) -> None:
        """Undo what hung on a reply that did not leave: what it took from "more" can be had again."""
        undone = self._unsettled.pop(sent_id, None)
        if undone is not None and undone.claim is not None:
            claimed_from, claim = undone.claimed_from, undone.claim
            await self._backroom.store(lambda store: store.give_back(claimed_from, claim))

    def _settle_later(self, sent_id: str, unsettled: _Unsettled) -> None:
        self._unsettled[sent_id] = unsettled
        if len(self._unsettled) > _UNSETTLED:
            self._unsettled.popitem(last=False)


def _drained(waiting: "deque[Question]") -> list[Question]:
    """Take all that wait: whoever asks first has the others' questions encoded along with its own."""
    drained = []
    with suppress(IndexError):
        while True:
            drained.append(waiting.popleft())
    return drained


def _latest(archive: AnsweringArchive, voice: Voice, now: datetime, topic: str, leave_out: tuple[str, ...]) -> Answer:
    return archive.latest(
        now=now,
        limit=NEXT,
        topic=topic,
        zone=voice.zone,
        live_blogs=voice.live_blogs,
        sources=voice.sources,
        leave_out=leave_out,
    )


def _since(
    archive: AnsweringArchive, seen: int | str | None, voice: Voice, now: datetime, leave_out: tuple[str, ...]
) -> News:
    return archive.since(
        seen,
        now=now,
        limit=NEWS,
        zone=voice.zone,
        live_blogs=voice.live_blogs,
        sources=voice.sources,
        leave_out=leave_out,
    )


def _continue(exchange: Exchange, voice: Voice, now: datetime) -> Callable[[AnsweringArchive], Answer]:
    """Return the job that fetches what comes after all that an exchange has shown."""
    previous = exchange.previous

    def job(archive: AnsweringArchive) -> Answer:
        if exchange.is_news:
            return _since(archive, exchange.seen, voice, now, previous.cited).answer
        if exchange.kind is SentKind.LATEST:
            return _latest(archive, voice, now, previous.question, previous.cited)
        question = Question(
            text=MORE, now=now, zone=voice.zone, previous=previous, sources=voice.sources, live_blogs=voice.live_blogs
        )
        return archive.ask(question)

    return job


def _with_cited(exchange: Exchange, excerpts: tuple[Excerpt, ...]) -> Exchange:
    previous = exchange.previous
    cited = dict.fromkeys((*previous.cited, *(excerpt.citation.update_id for excerpt in excerpts)))
    return replace(exchange, previous=replace(previous, cited=tuple(cited)))
