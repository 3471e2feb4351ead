"""Shows whole updates: behind a link, behind an answer, and what came later on the same matter."""

from collections.abc import Sequence
from datetime import datetime

from bot import pages, replies
from bot.backroom import AnsweringArchive, Backroom, Voice
from bot.keyboard import Asker
from bot.noting import Noting
from bot.records import Quoted, SentKind, StartLink
from bot.types import Reply
from index import Excerpt, UpdateView

RELATED = 3


class Reading:
    """The room where one reads on."""

    def __init__(self, backroom: Backroom, noting: Noting) -> None:
        """Take where to look, and where to write down."""
        self._backroom = backroom
        self._noting = noting

    async def update(self, link: StartLink, asker: Asker, voice: Voice, now: datetime) -> Reply:
        """Show the whole update behind a link, with its revisions; only of sources that may be shown here.

        The key of a link can be reckoned from the names of source and update, so it opens nothing private.
        """
        if voice.sources is not None and link.source not in voice.sources:
            return replies.said("update_unknown", language=voice.language)
        view = await self._backroom.archive(lambda archive: archive.update(link.update_id, now=now, source=link.source))
        if view is None:
            return replies.said("update_unknown", language=voice.language)
        reply = pages.of_update(view, zone=voice.zone, language=voice.language)
        return await self._noting.noted(reply, asker, kind=SentKind.UPDATE, at=now)

    async def context(
        self, sent_id: str, asker: Asker, voice: Voice, now: datetime, *, place: int | None = None
    ) -> Reply:
        """Show the whole updates that a message quoted, or the one at a place."""
        quotes = await self._quotes(sent_id, place)
        views = await self._backroom.archive(lambda archive: _views(archive, quotes, now))
        reply = pages.of_context(views, zone=voice.zone, language=voice.language)
        return await self._noting.noted(reply, asker, kind=SentKind.UPDATE, at=now) if views else reply

    async def since_then(
        self, sent_id: str, asker: Asker, voice: Voice, now: datetime, *, place: int | None = None
    ) -> Reply | None:
        """Show newer updates on the matter of what a message quoted; None where there are none."""
        quotes = await self._quotes(sent_id, place)
        excerpts = await self._backroom.archive(lambda archive: _newer(archive, quotes, voice, now))
        if not excerpts:
            return None
        reply = pages.of_related(excerpts, zone=voice.zone, language=voice.language)
        return await self._noting.noted(reply, asker, kind=SentKind.UPDATE, at=now)

    async def _quotes(self, sent_id: str, place: int | None) -> Sequence[Quoted]:
        quotes = await self._backroom.store(lambda store: store.quotes(sent_id))
        return quotes if place is None else quotes[place : place + 1]


def _views(archive: AnsweringArchive, quotes: Sequence[Quoted], now: datetime) -> tuple[UpdateView, ...]:
    cited = dict.fromkeys((one.source, one.update_id) for one in quotes)
    views = (archive.update(update_id, now=now, source=source) for source, update_id in cited)
    return tuple(view for view in views if view is not None)


def _newer(archive: AnsweringArchive, quotes: Sequence[Quoted], voice: Voice, now: datetime) -> tuple[Excerpt, ...]:
    """Return what is newer than any of the quoted updates, on the matter of the first that has such."""
    cited = {(one.source, one.update_id) for one in quotes}
    found: dict[tuple[str, str], Excerpt] = {}
    for one in quotes:
        for excerpt in archive.related(
            one.update_id,
            now=now,
            limit=RELATED,
            source=one.source,
            live_blogs=voice.live_blogs,
            sources=voice.sources,
        ):
            found.setdefault((excerpt.citation.source, excerpt.citation.update_id), excerpt)
    new = [excerpt for key, excerpt in found.items() if key not in cited]
    return tuple(sorted(new, key=lambda excerpt: excerpt.citation.published_at, reverse=True)[:RELATED])
