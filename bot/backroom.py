"""What all rooms of the desk stand on: the two workers, and how we speak in a chat.

Every touch of the archive or of bot.db is one job in its worker's thread.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol, TypeVar

from bot.records import Chat, Quoted
from bot.settings import ChatSettings, Policy
from bot.store import BotStore
from bot.texts import chosen
from bot.titles import shown
from bot.types import Place
from bot.workers import Priority, Worker
from index import Answer, ArchiveStatus, Excerpt, LiveBlogView, News, Question, UpdateView, Verification
from index import Quoted as Kept

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voice:
    """How we speak in a chat, by its settings and the operator's; the bounds are as in `index.Question`.

    `bound`: they are the chat's own choice, which whoever asks there may not know of.
    """

    language: str = "en"
    zone: str = "UTC"
    policy: Policy = Policy.MENTIONS
    sources: tuple[str, ...] | None = None
    live_blogs: tuple[str, ...] | None = None
    bound: bool = False


class AnsweringArchive(Protocol):
    """What the desk needs of the archive."""

    def ask(self, question: Question) -> Answer:
        """Answer, or abstain."""

    def foresee(self, questions: Sequence[Question]) -> None:
        """Make ready, together, for questions that will be asked next."""

    def latest(
        self,
        *,
        now: datetime,
        limit: int = 3,
        topic: str = "",
        zone: str = "UTC",
        live_blogs: tuple[str, ...] | None = None,
        sources: tuple[str, ...] | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> Answer:
        """Return the newest updates as excerpts."""

    def since(
        self,
        seen: int | str | None,
        *,
        now: datetime,
        limit: int = 5,
        zone: str = "UTC",
        live_blogs: tuple[str, ...] | None = None,
        sources: tuple[str, ...] | None = None,
        leave_out: tuple[str, ...] = (),
    ) -> News:
        """Return what is new since a cursor or a time."""

    def update(self, update_id: str | int, *, now: datetime, source: str = "") -> UpdateView | None:
        """Return a whole update with its revisions."""

    def verify(self, quotes: Iterable[Kept], *, now: datetime) -> tuple[Verification, ...]:
        """Check quotes against what stands now."""

    def quoted(self, quotes: Iterable[Kept]) -> tuple[Excerpt, ...]:
        """Turn stored spans back into excerpts."""

    def related(
        self,
        update_id: str | int,
        *,
        now: datetime,
        limit: int = 3,
        source: str = "",
        live_blogs: tuple[str, ...] | None = None,
        sources: tuple[str, ...] | None = None,
    ) -> tuple[Excerpt, ...]:
        """Return newer updates on the matter of one."""

    def live_blogs(self) -> tuple[LiveBlogView, ...]:
        """List the live blogs."""

    def public_sources(self) -> tuple[str, ...]:
        """Name the sources that any chat may be shown."""

    def status(self, *, now: datetime) -> ArchiveStatus:
        """Tell what is held."""

    def close(self) -> None:
        """Close what is open."""


class Backroom:
    """The workers of archive and bot.db, and what the operator's config says of language, zone and private sources."""

    def __init__(
        self,
        archive: Worker[AnsweringArchive],
        store: Worker[BotStore],
        *,
        zone: str = "UTC",
        language: str = "",
        has_private: bool = False,
    ) -> None:
        """Take both workers; whoever made them stops them.

        `language`: "" where each reader's own is spoken. `has_private`: some sources are not for every chat.
        """
        self._archive = archive
        self._store = store
        self._has_private = has_private
        self.zone = zone
        self.language = language

    async def archive(self, job: Callable[[AnsweringArchive], T]) -> T:
        """Run a job in the archive's thread, before all that nobody waits for."""
        return await self._archive.do(Priority.QUESTION, job)

    async def store(self, job: Callable[[BotStore], T]) -> T:
        """Run a job in the thread of bot.db."""
        return await self._store.do(Priority.QUESTION, job)

    async def voice(self, chat: Chat | None, client: str, place: Place) -> Voice:
        """Return how to speak in a chat to somebody whose app speaks `client`.

        A chat that is bound to nothing is shown what is public; the terminal, which is the operator's own, everything.
        """
        return await self.voice_by(chat.settings if chat else ChatSettings(), client, place)

    async def voice_by(self, settings: ChatSettings, client: str, place: Place) -> Voice:
        """Return how to speak by what a chat has chosen, as `voice` does."""
        sources = settings.sources
        if self._has_private and place is not Place.TERMINAL and sources is None and settings.live_blogs is None:
            sources = await self.archive(lambda archive: archive.public_sources())
        return Voice(
            language=chosen(settings.language or "", self.language, client),
            zone=settings.zone or self.zone,
            policy=settings.policy,
            sources=sources,
            live_blogs=settings.live_blogs,
            bound=settings.sources is not None or settings.live_blogs is not None,
        )

    async def searched(self, voice: Voice) -> tuple[str, ...]:
        """Name the only sources and live blogs that a chat is bound to; none where it is to nothing."""
        if not voice.bound:
            return ()
        held = await self.archive(lambda archive: archive.live_blogs()) if voice.live_blogs else ()
        titles = [shown(blog.title or blog.key) for blog in held if blog.key in (voice.live_blogs or ())]
        return tuple(dict.fromkeys((*(voice.sources or ()), *titles)))


def kept_of(quotes: Iterable[Quoted]) -> tuple[Kept, ...]:
    """Return the ledger's quotes as the archive reads them."""
    return tuple(
        Kept(update_id=one.update_id, revision=one.revision, span=one.span, source=one.source, sha256=one.text_hash)
        for one in quotes
    )


def excerpts_of(archive: AnsweringArchive, quotes: Sequence[Quoted]) -> tuple[Excerpt, ...]:
    """Return the ledger's quotes as excerpts, with the labels they had; one that cannot be proved is left out."""
    found = []
    for one, kept in zip(quotes, kept_of(quotes), strict=True):
        found += [replace(excerpt, label=one.label) for excerpt in archive.quoted([kept])]
    return tuple(found)
