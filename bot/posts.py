"""Posts of channels that are sources, into the archive. Of any other channel nothing is kept.

Knows no platform: a post comes as the archive's own value. An album is several posts, of which those with words count.
"""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from bot.types import Incoming, Posted
from bot.workers import Priority, Worker
from index import ArchiveError, IngestReport, LiveBlog, Post, Previous, SourceConfig, Update, live_blog_of, update_of

logger = logging.getLogger(__name__)

_WORDS_CHARS = 200


class TakingArchive(Protocol):
    """What posts need of the archive."""

    def take(
        self, source: str, updates: Sequence[Update], *, now: datetime, live_blogs: Sequence[LiveBlog] = ()
    ) -> IngestReport:
        """Take updates that were brought to us."""

    def close(self) -> None:
        """Close what is open."""


class Posts:
    """Takes the posts of the channels that the config names."""

    def __init__(
        self,
        archive: Worker[TakingArchive],
        sources: Sequence[SourceConfig],
        on_stored: Callable[[], None] | None = None,
    ) -> None:
        """Take where updates go, which channels are sources, and whom to tell that there is something to encode."""
        self._archive = archive
        self._on_stored = on_stored
        self._sources = tuple(source for source in sources if not source.is_fetched)

    def source_of(self, post: Post) -> str | None:
        """Name the source that a post's channel is, None where it is none."""
        return next((source.name for source in self._sources if post.channel.is_named(source.chat)), None)

    def commented(self, incoming: Incoming, now: datetime) -> Previous | None:
        """Return the post that a message comments on as what its question may lean on; None where it is no comment.

        Of a channel that is a source, the post's update is what "since then" is about.
        """
        post = incoming.comment_on
        update = None if post is None else update_of(post, now=now)
        if post is None or update is None:
            return None
        words = update.title or update.text.partition("\n")[0][:_WORDS_CHARS]
        return Previous(question=words, cited=(update.key,) if self.source_of(post) else ())

    async def take(self, posted: Posted, now: datetime) -> IngestReport | None:
        """Take one post, new or edited; None where its channel is no source, or it has no words.

        What cannot be kept is logged: nobody waits for an answer.
        """
        source, update = self.source_of(posted.post), update_of(posted.post, now=now)
        if source is None or update is None:
            return None
        live_blog = live_blog_of(posted.post.channel)
        try:
            report = await self._archive.do(
                Priority.LOOK, lambda archive: archive.take(source, [update], now=now, live_blogs=[live_blog])
            )
            logger.info("post taken source=%s update=%s new=%d revised=%d", source, update.key, report.new,
                        report.revised)  # fmt: skip
        except ArchiveError as error:
            logger.error("post not taken source=%s update=%s error=%s", source, update.key, error)
            return None
        if self._on_stored is not None:
            self._on_stored()
        return report
