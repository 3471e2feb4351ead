"""What a watch would have told in the past week: looked up a few moments a job, so that others get their turn."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from bot import replies
from bot.backroom import Voice
from bot.texts import line
from bot.types import Block, Paragraph, Quote, Reply
from bot.watch_panel import quoted_words
from bot.watches import CAP_PER_DAY, GAP_S
from bot.workers import Priority, Worker
from index import Aftermath, Excerpt, Match, Moment, news_of
from index import Watch as Asked

PAST = timedelta(days=7)
_SHOWN = 3
_MOMENTS = 6
_CHANGES = 256


class WatchedArchive(Protocol):
    """What a back-test needs of the archive."""

    def watch_vectors(self, texts: tuple[str, ...], *, now: datetime) -> tuple[bytes, ...]:
        """Encode questions that are to be watched."""

    def moments(self, watch: Asked, *, now: datetime, since: datetime) -> tuple[Moment, ...]:
        """Return when a watch may have fired."""

    def fired(self, watch: Asked, moments: tuple[Moment, ...]) -> tuple[Match, ...]:
        """Return what would have answered a watch at these moments."""

    def matches(self, watches: Sequence[Asked], updates: Iterable[int], *, now: datetime) -> tuple[Match, ...]:
        """Return which of these updates answer which watches."""

    def affected(self, seq: int | None, *, now: datetime, limit: int | None = None) -> Aftermath:
        """Return what changed since a cursor."""

    def close(self) -> None:
        """Close what is open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Past:
    """How often a watch would have alerted, up to the archive's change `seq`.

    `standing`: the newest of that, as it stands and is labelled now: what was said then may be superseded.
    """

    seq: int
    fired: int
    standing: tuple[Excerpt, ...] = ()


class Backtest:
    """Looks back."""

    def __init__(self, archive: Worker[WatchedArchive]) -> None:
        """Take where to look."""
        self._archive = archive

    async def past(self, text: str, voice: Voice, now: datetime) -> Past:
        """Look at when a watch would have alerted in the past week."""
        here = (await self._affected(None, now)).cursor
        (vector,) = await self._archive.do(Priority.QUESTION, lambda archive: archive.watch_vectors((text,), now=now))
        watch = Asked(
            key="", text=text, vector=vector, zone=voice.zone, live_blogs=voice.live_blogs, sources=voice.sources
        )
        moments = await self._archive.do(
            Priority.QUESTION, lambda archive: archive.moments(watch, now=now, since=now - PAST)
        )
        found: list[Match] = []
        for start in range(0, len(moments), _MOMENTS):
            found += await self._fired(watch, moments[start : start + _MOMENTS])
        fired = news_of(found)
        told = {match.excerpt.citation.update_no for match in fired}
        standing = await self._archive.do(Priority.QUESTION, lambda archive: archive.matches([watch], told, now=now))
        return Past(seq=here, fired=len(fired), standing=tuple(match.excerpt for match in standing[:_SHOWN]))

    async def since(self, seq: int, now: datetime) -> tuple[int, ...]:
        """Return what is new, or says something else, since a change."""
        return (await self._affected(seq, now)).updates

    async def _affected(self, seq: int | None, now: datetime) -> Aftermath:
        return await self._archive.do(Priority.QUESTION, lambda archive: archive.affected(seq, now=now, limit=_CHANGES))

    async def _fired(self, watch: Asked, moments: tuple[Moment, ...]) -> tuple[Match, ...]:
        return await self._archive.do(Priority.QUESTION, lambda archive: archive.fired(watch, moments))


def of_backtest(text: str, past: Past, voice: Voice) -> Reply:
    """Write what a watch would have alerted with, the newest first, and what keeping it means."""
    language, words = voice.language, quoted_words(text)
    key = "watch_backtest" if past.fired else "watch_backtest_none"
    blocks: list[Block] = [Paragraph(text=line(key, language=language, words=words, count=past.fired))]
    blocks += [Quote(excerpt=one, note=replies.label(one.label, language)) for one in past.standing]
    offer = line("watch_offer", language=language, cap=CAP_PER_DAY, minutes=GAP_S // 60)
    return Reply(blocks=(*blocks, Paragraph(text=offer)), zone=voice.zone, language=language)
