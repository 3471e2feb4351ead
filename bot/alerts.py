"""What is new becomes alerts in the outbox. Holds no state: what was followed, is to be asked or waits, are rows.

First one matrix product finds which watches are near what is new; then each is asked as a person would ask now, a few
at a time. Before it is sent, whatever has waited is asked about again: so nothing is told that no longer stands.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Protocol

from bot import replies, shapes
from bot.backroom import Backroom, Voice, kept_of
from bot.deliveries import Planned, Urgency
from bot.keyboard import BUTTONS_FOR
from bot.noting import linked
from bot.planning import AlertPlan
from bot.records import Button, ButtonAction, Chat, ChatKind, Draft, Presser, SentKind, quoted
from bot.schedule import Quiet, Rhythm, next_due, sendable_at
from bot.store import BotStore
from bot.texts import line
from bot.titles import shown
from bot.types import Block, Buttons, Paragraph, Place, Quote, Reply, ReplyButton
from bot.unasked import Render
from bot.watches import Due, Watch
from bot.workers import Priority, Worker
from index import Aftermath, Excerpt, Match, Near, is_news, local_day
from index import Quoted as Kept
from index import Watch as Asked

logger = logging.getLogger(__name__)

FOLLOWER = "alerts"
# What the cap of a day holds back is told the next morning.
MORNING = time(8, 0)
# An alert that could not leave for so long is none any more.
EXPIRES = timedelta(days=1)
EXCERPTS = 3
WORDS_CHARS = 120
# How much is done at a tick, and in one job, so that digests and questions never wait long.
_CHANGES, _STEPS = 64, 8
_ENCODED, _ENCODINGS = 16, 8
_WATCHES, _TURNS = 64, 4
_QUESTIONS = 4
_SUPERSEDED = "superseded"


class AlertArchive(Protocol):
    """What alerts need of the archive."""

    @property
    def encoder_id(self) -> str:
        """Name whose vectors watches need."""

    def watch_vectors(self, texts: Sequence[str], *, now: datetime) -> tuple[bytes, ...]:
        """Encode questions that are to be watched."""

    def affected(self, seq: int | None, *, now: datetime, limit: int | None = None) -> Aftermath:
        """Return what changed since a cursor."""

    def near(self, watches: Sequence[tuple[str, bytes]], updates: Iterable[int], *, now: datetime) -> tuple[Near, ...]:
        """Return which watches are near which updates."""

    def matches(self, watches: Sequence[Asked], updates: Iterable[int], *, now: datetime) -> tuple[Match, ...]:
        """Return which of these updates answer which watches."""

    def quoted(self, quotes: Iterable[Kept]) -> tuple[Excerpt, ...]:
        """Turn stored spans back into excerpts."""

    def close(self) -> None:
        """Close what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asking:
    """A watch that is to be asked now, with what its chat has chosen."""

    due: Due
    chat: Chat | None
    quiet: Quiet | None
    voice: Voice

    @property
    def watch(self) -> Watch:
        """The watch."""
        return self.due.watch

    @property
    def question(self) -> tuple[object, ...]:
        """All that decides what the archive answers: of those that ask the same, one is asked."""
        return (self.watch.text, self.watch.vector, self.voice.zone, self.voice.live_blogs, self.voice.sources)

    def asked(self) -> Asked:
        """Return the watch as the archive asks it."""
        return Asked(
            key=self.watch.id,
            text=self.watch.text,
            vector=self.watch.vector or b"",
            zone=self.voice.zone,
            live_blogs=self.voice.live_blogs,
            sources=self.voice.sources,
        )


class Alerts:
    """Holds what is new against all watches. A `unasked.Planner`."""

    def __init__(self, archive: Worker[AlertArchive], backroom: Backroom) -> None:
        """Take where to look."""
        self._archive = archive
        self._backroom = backroom

    async def plan(self, now: datetime, render: Render) -> int:
        """Put alerts into the outbox; returns how many. Who plans twice plans once."""
        if not await self._followed(now):
            return 0
        planned = 0
        for _ in range(_TURNS):
            due = await self._backroom.store(lambda store: store.due_candidates(now=now, limit=_WATCHES))
            if not due:
                break
            planned += await self._ask(due, now, render)
        if planned:
            logger.info("alerts planned count=%d", planned)
        return planned

    # What is new

    async def _followed(self, now: datetime) -> bool:
        """Go on from where we stood, step by step, noting whom to ask; the first time, begin from here.

        Returns: whether any watch may be asked now: not before all have their vectors.
        """
        was, awake = await self._backroom.store(lambda store: (store.followed(FOLLOWER), store.has_watches()))
        if was is None or not awake:
            here = await self._affected(None, now)
            if here.cursor != was:
                await self._note((), was, here.cursor, now)
            return False
        encoder = await self._archive.do(Priority.LOOK, lambda archive: archive.encoder_id)
        if not await self._encoded(encoder, now):
            return False
        for _ in range(_STEPS):
            step = await self._affected(was, now)
            # What has no vector yet would be missed: it waits for the next tick.
            if step.pending or step.cursor == was:
                break
            near = await self._near(encoder, step.updates, now)
            if not await self._note(near, was, step.cursor, now):
                break
            was = step.cursor
        return True

    async def _affected(self, seq: int | None, now: datetime) -> Aftermath:
        return await self._archive.do(Priority.LOOK, lambda archive: archive.affected(seq, now=now, limit=_CHANGES))

    async def _near(self, encoder: str, updates: tuple[int, ...], now: datetime) -> tuple[Near, ...]:
        if not updates:
            return ()
        watches = await self._backroom.store(lambda store: store.watch_vectors(encoder))
        return await self._archive.do(Priority.LOOK, lambda archive: archive.near(watches, updates, now=now))

    async def _note(self, near: Sequence[Near], was: int | None, seq: int, now: datetime) -> bool:
        pairs = [(one.key, one.updates) for one in near]
        return await self._backroom.store(
            lambda store: store.note_near(pairs, follower=FOLLOWER, was=was, seq=seq, now=now)
        )

    async def _encoded(self, encoder: str, now: datetime) -> bool:
        """Encode watches that are new or whose vectors are of another encoder; False while there are more."""
        for _ in range(_ENCODINGS):
            watches = await self._backroom.store(lambda store: store.unencoded_watches(encoder, limit=_ENCODED))
            if not watches:
                return True
            await self._encode(encoder, watches, now)
        return False

    async def _encode(self, encoder: str, watches: Sequence[Watch], now: datetime) -> None:
        texts = [watch.text for watch in watches]
        vectors = await self._archive.do(Priority.LOOK, lambda archive: archive.watch_vectors(texts, now=now))
        kept = list(zip(watches, vectors, strict=True))
        await self._backroom.store(lambda store: _keep_vectors(store, encoder, kept))

    # Who is asked

    async def _ask(self, due: Sequence[Due], now: datetime, render: Render) -> int:
        asking = [await self._asking(one) for one in due]
        groups: dict[tuple[object, ...], list[_Asking]] = {}
        for one in asking:
            groups.setdefault(one.question, []).append(one)
        said: dict[tuple[int, int | None], list[Excerpt]] = {}
        return sum(
            [await self._ask_some(some, said, now, render) for some in _batched(list(groups.values()), _QUESTIONS)]
        )

    async def _ask_some(
        self,
        groups: Sequence[Sequence[_Asking]],
        said: dict[tuple[int, int | None], list[Excerpt]],
        now: datetime,
        render: Render,
    ) -> int:
        """Ask a few questions; `said`: what chats are told by other watches just now. Returns: how many alerts."""
        found = await self._archive.do(Priority.LOOK, lambda archive: _found(archive, groups, now))
        plans = [
            await self._plan(one, excerpts, said, now, render)
            for group, excerpts in zip(groups, found, strict=True)
            for one in group
        ]
        return await self._backroom.store(lambda store: store.plan_alerts(plans, now=now))

    async def _asking(self, due: Due) -> _Asking:
        chat_id = due.watch.chat_id
        chat, quiet = await self._backroom.store(lambda store: (store.chat(chat_id), store.notices(chat_id).quiet))
        place = Place.PRIVATE if chat is None or chat.kind is ChatKind.PRIVATE else Place.GROUP
        return _Asking(due=due, chat=chat, quiet=quiet, voice=await self._backroom.voice(chat, "", place))

    async def _plan(
        self,
        one: _Asking,
        excerpts: Sequence[Excerpt],
        said: dict[tuple[int, int | None], list[Excerpt]],
        now: datetime,
        render: Render,
    ) -> AlertPlan:
        """Decide what comes of what answers a watch."""
        watch, day = one.watch, local_day(now, one.voice.zone)
        mine = [excerpt for excerpt in excerpts if excerpt.citation.update_no in one.due.updates]
        done = AlertPlan(watch=watch, day=day, asked=one.due.updates)
        if not mine:
            return done
        until = free_at(watch, one.quiet, now, one.voice.zone)
        if until > now:
            held = tuple(dict.fromkeys(excerpt.citation.update_no for excerpt in mine))
            return AlertPlan(watch=watch, day=day, asked=one.due.updates, held=held, until=until)
        just_now = said.setdefault((watch.chat_id, watch.thread_id), [])
        news = await self._news(watch, mine, just_now)
        if not news:
            return done
        just_now += news
        message = await self._message(one, news, now, render)
        return AlertPlan(watch=watch, day=day, asked=one.due.updates, message=message)

    async def _news(self, watch: Watch, excerpts: Sequence[Excerpt], said: Sequence[Excerpt]) -> list[Excerpt]:
        """Leave what the chat was not told yet, in whatever words."""
        told = await self._backroom.store(lambda store: store.told_lately(watch.chat_id, watch.thread_id))
        quotes = list(await self._archive.do(Priority.LOOK, lambda archive: archive.quoted(kept_of(told))))
        news: list[Excerpt] = []
        for excerpt in excerpts:
            if is_news(excerpt, [*quotes, *said, *news]):
                news.append(excerpt)
        return news

    # What is said

    async def _message(self, one: _Asking, news: Sequence[Excerpt], now: datetime, render: Render) -> Planned:
        watch, voice = one.watch, one.voice
        day = local_day(now, voice.zone)
        times = watch.fired_that_day + 1 if watch.fired_on == day else 1
        reply = of_alert(watch, news, zone=voice.zone, language=voice.language, is_last=times >= watch.cap_per_day)
        own = one.chat is None or one.chat.kind is ChatKind.PRIVATE
        blocks, buttons = await self._backroom.store(
            lambda store: (linked(store, reply.blocks), switches(store, watch, now, language=voice.language, own=own))
        )
        draft = Draft(
            kind=SentKind.ALERT,
            at=now,
            chat_id=watch.chat_id,
            thread_id=watch.thread_id,
            language=voice.language,
            zone=voice.zone,
            quotes=tuple(quoted(block.excerpt) for block in blocks if isinstance(block, Quote)),
            shape=shapes.written(blocks),
        )
        return Planned(
            chat_id=watch.chat_id,
            thread_id=watch.thread_id,
            urgency=Urgency.ALERT,
            parts=render(Reply(blocks=blocks, zone=voice.zone, language=voice.language)),
            buttons=buttons,
            expires_at=now + EXPIRES,
            quiet=one.quiet,
            draft=draft,
        )


def free_at(watch: Watch, quiet: Quiet | None, now: datetime, zone: str) -> datetime:
    """Return when a watch may alert its chat: `now` where neither cap nor gap nor quiet hours hold it."""
    until = watch.rests_until(now)
    if watch.is_spent(local_day(now, zone)):
        until = max(until, next_due(Rhythm(at=MORNING, zone=zone), now))
    return sendable_at(until, quiet)


def of_alert(watch: Watch, news: Sequence[Excerpt], *, zone: str, language: str = "en", is_last: bool = False) -> Reply:
    """Write an alert: what it is for, in the words of whoever asked, and the quotes. `is_last`: of its day."""
    words = shown(watch.text, longest=WORDS_CHARS)
    blocks: list[Block] = [Paragraph(text=line("alert_header", language=language, words=words))]
    blocks += [Quote(excerpt=one, note=replies.label(one.label, language)) for one in news[:EXCERPTS]]
    if len(news) > EXCERPTS:
        blocks.append(Paragraph(text=line("digest_left", language=language, count=len(news) - EXCERPTS)))
    if is_last:
        blocks.append(Paragraph(text=line("alert_last", language=language, cap=watch.cap_per_day)))
    return Reply(blocks=tuple(blocks), zone=zone, language=language)


def switches(store: BotStore, watch: Watch, now: datetime, *, language: str, own: bool) -> Buttons:
    """Return the buttons that pause a watch, or let it go on, and delete it; `own`: in a private chat."""
    pause = "resume" if watch.paused_for else "pause"
    keyed = store.add_buttons(
        Button(
            action=ButtonAction.WATCH,
            expires_at=now + BUTTONS_FOR,
            presser=Presser.ASKER if own else Presser.ADMINS,
            payload={"do": do, "watch": watch.id, "under": "alert"},
            chat_id=watch.chat_id,
            user_id=watch.chat_id if own else None,
        )
        for do in (pause, "delete")
    )
    return (
        tuple(ReplyButton(label=line(f"watch_{one.payload['do']}", language=language), key=one.key) for one in keyed),
    )


def _found(archive: AlertArchive, groups: Sequence[Sequence[_Asking]], now: datetime) -> list[tuple[Excerpt, ...]]:
    """Ask what each group asks, about all that is new to any of it; what newer updates supersede is no news."""
    found = []
    for group in groups:
        updates = {number for one in group for number in one.due.updates}
        matches = archive.matches([group[0].asked()], updates, now=now)
        found.append(tuple(match.excerpt for match in matches if match.excerpt.label != _SUPERSEDED))
    return found


def _keep_vectors(store: BotStore, encoder: str, vectors: Iterable[tuple[Watch, bytes]]) -> None:
    for watch, vector in vectors:
        store.put_watch_vector(watch.id, encoder=encoder, vector=vector)


def _batched(groups: list[list[_Asking]], size: int) -> Iterator[list[list[_Asking]]]:
    for start in range(0, len(groups), size):
        yield groups[start : start + size]
