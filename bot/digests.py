"""What is due becomes digests in the outbox, each in one transaction with the end of its window. Holds no state.

The window of a digest is [where the last one ended, the moment it was due), by when we first saw an update. It begins
behind the last change of the archive that the one before took in, so that no clock that is set lets anything slip
between two windows; what is taken in is stamped in the archive's thread, where a digest is composed too.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from bot import replies, shapes, times
from bot.backroom import Backroom, Voice, kept_of
from bot.deliveries import Planned, Rendered, Urgency
from bot.noting import linked
from bot.pictures import picture_of
from bot.planning import DigestPlan, turns_of
from bot.records import ChatKind, Draft, Quoted, SentKind, quoted
from bot.schedule import Quiet, Turn
from bot.settings import ChatSettings
from bot.store import BotStore
from bot.subscriptions import DigestChoice, EmptyDay, Length, Subscription
from bot.texts import line
from bot.types import Block, Paragraph, Place, Pointer, Quote, Reply, Struck
from bot.unasked import Render
from bot.workers import Priority, Worker, aside
from index import Digest, Highlight, Role, Window
from index import Quoted as Kept

logger = logging.getLogger(__name__)

PREVIEW = timedelta(days=1)
_AT_ONCE = 500
_HIGHLIGHTS = {Length.SHORT: 4, Length.STANDARD: 8, Length.LONG: 16}


class DigestArchive(Protocol):
    """What a digest needs of the archive."""

    def highlights(
        self,
        window: Window,
        *,
        now: datetime,
        limit: int = 8,
        after: int | None = None,
        topics: Sequence[str] = (),
        live_blogs: tuple[str, ...] | None = None,
        sources: tuple[str, ...] | None = None,
        told: Sequence[Kept] = (),
    ) -> Digest:
        """Choose what of a window is worth telling."""

    def seq_at(self, now: datetime) -> int:
        """Return the number of the last change that was seen by then."""

    def close(self) -> None:
        """Close what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Everything that decides what a digest says. `after`: the archive's last change that an earlier one took in."""

    window: Window
    choice: DigestChoice
    voice: Voice
    after: int | None = None
    told: tuple[Quoted, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """A subscription whose turn has come, with what its chat is and has chosen, and a mark of all that it was told."""

    subscription: Subscription
    turn: Turn
    chosen: tuple[ChatKind, ChatSettings]
    quiet: Quiet | None
    told: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """A digest as it will be sent, with the last change it took in; no parts: an empty day that passes in silence."""

    seq: int
    parts: tuple[Rendered, ...] = ()
    quotes: tuple[Quoted, ...] = ()
    shape: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Morning:
    """One planning of all that is due at `now`: what many share is read and written once."""

    now: datetime
    render: Render
    voices: dict[object, Voice] = field(default_factory=dict)
    told: dict[str, tuple[Quoted, ...]] = field(default_factory=dict)
    written: dict[object, _Written] = field(default_factory=dict)


class Digests:
    """Composes digests, for the outbox and to look at beforehand."""

    def __init__(self, archive: Worker[DigestArchive], backroom: Backroom) -> None:
        """Take where to look."""
        self._archive = archive
        self._backroom = backroom

    async def cursor(self, now: datetime) -> int:
        """Return the archive's last change by then."""
        return await self._archive.do(Priority.LOOK, lambda archive: archive.seq_at(now))

    async def composed(self, wanted: Wanted, now: datetime) -> Digest:
        """Choose what a digest holds."""
        choice, voice = wanted.choice, wanted.voice
        return await self._archive.do(
            Priority.LOOK,
            lambda archive: archive.highlights(
                wanted.window,
                now=now,
                limit=_HIGHLIGHTS[choice.length],
                after=wanted.after,
                topics=choice.topics,
                live_blogs=voice.live_blogs,
                sources=voice.sources,
                told=kept_of(wanted.told),
            ),
        )

    async def plan(self, now: datetime, render: Render) -> int:
        """Put all digests that are due into the outbox; returns how many. Who plans twice plans once."""
        planned = 0
        morning = _Morning(now=now, render=render)
        batch = await self._batch(morning, None)
        while batch:
            plans = [await self._planned(each, morning) for each in batch]
            planned += await self._kept(plans, now)
            batch = await self._batch(morning, batch[-1].subscription)
        if planned:
            logger.info("digests planned count=%d", planned)
        return planned

    async def _batch(self, morning: _Morning, after: Subscription | None) -> list[_Due]:
        return await self._backroom.store(lambda store: _due(store, morning, after))

    async def _kept(self, plans: Sequence[DigestPlan], now: datetime) -> int:
        return await self._backroom.store(lambda store: store.plan_digests(plans, now=now))

    async def _planned(self, due: _Due, morning: _Morning) -> DigestPlan:
        chat_id, thread_id = due.subscription.chat_id, due.subscription.thread_id
        voice = await self._voice(due, morning)
        text = await self._text(due, voice, morning)
        draft = Draft(
            kind=SentKind.DIGEST,
            at=morning.now,
            chat_id=chat_id,
            thread_id=thread_id,
            language=voice.language,
            zone=voice.zone,
            quotes=text.quotes,
            shape=text.shape,
        )
        message = (
            Planned(
                chat_id=chat_id,
                thread_id=thread_id,
                urgency=Urgency.DIGEST,
                parts=text.parts,
                quiet=due.quiet,
                draft=draft,
            )
            if text.parts
            else None
        )
        return DigestPlan(subscription=due.subscription, turn=due.turn, seq=text.seq, message=message)

    async def _voice(self, due: _Due, morning: _Morning) -> Voice:
        key = (due.chosen, due.subscription.choice.rhythm.zone)
        if key not in morning.voices:
            morning.voices[key] = await self.voice_of(*due.chosen, due.subscription)
        return morning.voices[key]

    async def _text(self, due: _Due, voice: Voice, morning: _Morning) -> _Written:
        """Compose and render, once for all who want the same and were told the same."""
        read, until = due.subscription, due.turn.window_until
        # A voice is one object for all who share it.
        key = (read.window_since, until, read.seq, read.choice, id(voice), due.told)
        if key not in morning.written:
            wanted = wanted_of(read, until, voice, morning.told.get(due.told, ()))
            morning.written[key] = await self._written(wanted, morning.now, morning.render)
        return morning.written[key]

    async def _written(self, wanted: Wanted, now: datetime, render: Render) -> _Written:
        digest = await self.composed(wanted, now)
        if not digest.highlights and wanted.choice.empty_day is EmptyDay.SILENT:
            return _Written(seq=digest.seq or 0)
        reply = of_digest(digest, zone=wanted.voice.zone, language=wanted.voice.language)
        blocks = await self._backroom.store(lambda store: linked(store, reply.blocks))
        quotes = tuple(quoted(block.excerpt) for block in blocks if isinstance(block, Quote))
        reply = await pictured(replace(reply, blocks=blocks), digest, wanted.choice)
        return _Written(seq=digest.seq or 0, parts=render(reply), quotes=quotes, shape=shapes.written(blocks))

    async def voice_of(self, kind: ChatKind, settings: ChatSettings, subscription: Subscription) -> Voice:
        """Return how to speak in a subscription: in the language of its chat, and by its own clock."""
        voice = await self._backroom.voice_by(settings, "", Place.PRIVATE if kind is ChatKind.PRIVATE else Place.GROUP)
        return replace(voice, zone=subscription.choice.rhythm.zone)


def wanted_of(subscription: Subscription, until: datetime, voice: Voice, told: tuple[Quoted, ...]) -> Wanted:
    """Return what a subscription's digest of the window that ends then is to hold."""
    window = Window(since=min(subscription.window_since, until), until=until)
    # A subscription that is only imagined comes after nothing.
    after = subscription.seq if subscription.id else None
    return Wanted(window=window, choice=subscription.choice, voice=voice, after=after, told=told)


def of_digest(digest: Digest, *, zone: str, language: str = "en") -> Reply:
    """Write a digest: its window, its quotes with what they were before, how many updates it leaves out."""
    window = times.span(digest.window.since, digest.window.until, zone, language=language)
    if not digest.highlights:
        return replies.said("digest_nothing", language=language, range=window)
    blocks: list[Block] = [Paragraph(text=line("digest_header", language=language, range=window))]
    for each in digest.highlights:
        blocks += _blocks(each, language)
    if digest.left:
        blocks.append(Paragraph(text=line("digest_left", language=language, count=digest.left)))
    return Reply(blocks=tuple(blocks), zone=zone, language=language)


async def pictured(reply: Reply, digest: Digest, choice: DigestChoice) -> Reply:
    """Add the picture of a digest where one was chosen and there is anything to see."""
    if not choice.picture:
        return reply
    picture = await aside(partial(picture_of, digest, zone=reply.zone, language=reply.language))
    return replace(reply, picture=picture)


def _blocks(each: Highlight, language: str) -> Iterator[Block]:
    if each.role is Role.WITHDRAWN:
        yield Paragraph(text=line("verify_withdrawn", language=language))
        yield Struck(text=each.excerpt.text)
        yield Pointer(citation=each.excerpt.citation)
        return
    yield Quote(excerpt=each.excerpt, note=_note(each, language))
    if each.earlier is None:
        return
    if each.revised or each.role is Role.CORRECTION:
        yield Struck(text=each.earlier.text)
    else:
        yield Quote(excerpt=each.earlier, note=line("digest_earlier", language=language))


def _note(each: Highlight, language: str) -> str:
    if each.role is Role.CORRECTION:
        return line("label_correction", language=language)
    if each.revised:
        return line("digest_update", language=language)
    return line("digest_key_point", language=language) if each.role is Role.KEY_POINT else ""


def _due(store: BotStore, morning: _Morning, after: Subscription | None) -> list[_Due]:
    """Read what is due, so many at once; of chats that were told the same it is read once what that was."""
    due = turns_of(store.due_subscriptions(now=morning.now, limit=_AT_ONCE, after=after), now=morning.now)
    ids = {one.chat_id for one, _ in due}
    chosen, notices, marks = store.chosen_in(ids), store.notices_of(ids), store.told_marks(ids)
    for (chat_id, thread_id), mark in marks.items():
        if mark not in morning.told:
            morning.told[mark] = store.told_unasked(chat_id, thread_id)
    unknown = (ChatKind.PRIVATE, ChatSettings())
    return [
        _Due(
            subscription=one,
            turn=turn,
            chosen=chosen.get(one.chat_id, unknown),
            quiet=notices[one.chat_id].quiet if one.chat_id in notices else None,
            told=marks.get((one.chat_id, one.thread_id), ""),
        )
        for one, turn in due
    ]
