"""Fakes for what the rooms of the conversation stand on: a platform that knows admins, an archive with live blogs."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path

from bot.admins import Admins
from bot.records import ChatKind
from bot.store import BotStore
from bot.types import ChatSeen, Paragraph, Reply
from bot.workers import Priority, Worker
from index import ArchiveError, IngestReport, LiveBlog, LiveBlogView, Update

GROUP, CHANNEL = -1_000_000_005, -1_000_000_006
ANN, BOB = 7, 8


class FakePlatform:
    """Knows who is an admin where, and counts how often it is asked."""

    def __init__(self, *admins: tuple[int, int]) -> None:
        self.admins = set(admins)
        self.asked = 0

    async def is_admin(self, chat_id: int, user_id: int) -> bool:
        self.asked += 1
        return (chat_id, user_id) in self.admins


class FakeShelf:
    """An archive with live blogs to bind to, which takes what is brought."""

    def __init__(
        self, *live_blogs: LiveBlogView, extra: Sequence[str] = (), failure: ArchiveError | None = None
    ) -> None:
        self.blogs = live_blogs
        self.extra = tuple(extra)
        self.failure = failure
        self.taken: list[tuple[str, Update, LiveBlog]] = []

    def public_sources(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(blog.source for blog in self.blogs if blog.public)) + self.extra

    def live_blogs(self) -> tuple[LiveBlogView, ...]:
        return self.blogs

    def take(
        self, source: str, updates: Sequence[Update], *, now: datetime, live_blogs: Sequence[LiveBlog] = ()
    ) -> IngestReport:
        if self.failure is not None:
            raise self.failure
        self.taken += [(source, update, live_blogs[0]) for update in updates]
        return IngestReport(source=source, new=len(updates))

    def close(self) -> None:
        """Nothing to close."""


def make_live_blog(key: str, *, source: str = "Harbour Gazette", title: str = "", public: bool = True) -> LiveBlogView:
    return LiveBlogView(
        key=key, title=title or f"Story {key}", source=source, updates=3, newest_published_at=None, public=public
    )


def make_seen(chat_id: int = GROUP, *, title: str = "Harbour talk", kind: ChatKind | None = None) -> ChatSeen:
    kinds = {GROUP: ChatKind.SUPERGROUP, CHANNEL: ChatKind.CHANNEL}
    return ChatSeen(chat_id=chat_id, kind=kind or kinds.get(chat_id, ChatKind.PRIVATE), title=title)


class Rooms:
    """bot.db and the archive behind their workers, and the platform."""

    def __init__(self, store: Worker[BotStore], archive: Worker[FakeShelf], shelf: FakeShelf) -> None:
        self.store = store
        self.archive = archive
        self.shelf = shelf
        self.platform = FakePlatform()
        self.admins = Admins(lambda: self.platform)

    async def db(self, job: Callable[[BotStore], object]) -> object:
        return await self.store.do(Priority.QUESTION, job)


def play(folder: Path, scene: Callable[[Rooms], Awaitable[None]], shelf: FakeShelf | None = None) -> None:
    """Run a scene over a fresh bot.db."""
    shelf = shelf or FakeShelf()

    async def run() -> None:
        async with (
            Worker("store", lambda: BotStore(folder / "bot.db")) as store,
            Worker("archive", lambda: shelf) as archive,
        ):
            await scene(Rooms(store, archive, shelf))

    asyncio.run(run())


def words(reply: Reply | None) -> str:
    """Return a reply's own words."""
    assert reply is not None
    return "\n".join(block.text for block in reply.blocks if isinstance(block, Paragraph))


def labels(reply: Reply | None) -> list[str]:
    assert reply is not None
    return [button.label for row in reply.buttons for button in row]
