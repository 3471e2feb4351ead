"""What every method works on: the world, the queue of updates, the limits, the open queries, the settings."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tests.botapi.delivery import Delivery
from tests.botapi.faults import Faults
from tests.botapi.limits import Limits, Meter
from tests.botapi.state import Chat, Clock, Json, Message, User, World
from tests.botapi.webhook import Webhook


@dataclass(slots=True, kw_only=True)
class Settings:
    """What @BotFather was told, and where this server draws lines that Telegram leaves open.

    `mentions_delivered`: a bare mention reaches the bot in spite of privacy mode. `edit_window_s`: how long a
    message of ours can be edited; None for ever. `query_lifetime_s`: how long a query waits for its answer.
    """

    privacy: bool = True
    inline: bool = True
    inline_feedback: bool = True
    guest: bool = True
    mentions_delivered: bool = False
    edit_window_s: float | None = 48 * 3600
    delete_window_s: float = 48 * 3600
    query_lifetime_s: float = 30


@dataclass(slots=True, kw_only=True, eq=False)
class CallbackQuery:
    """A press on a button. `answer` is what the bot said to it, None until then."""

    id: str
    user: User
    data: str
    message: Message
    asked_at: datetime
    answer: Json | None = None


@dataclass(slots=True, kw_only=True, eq=False)
class InlineQuery:
    """`@bot text` typed somewhere. `cached`: answered from an earlier answer, unseen by the bot."""

    id: str
    user: User
    text: str
    offset: str
    asked_at: datetime
    answer: Json | None = None
    cached: bool = False

    @property
    def results(self) -> list[Json]:
        return list((self.answer or {}).get("results", ()))

    @property
    def button(self) -> Json | None:
        return (self.answer or {}).get("button")


@dataclass(slots=True, kw_only=True, eq=False)
class GuestQuery:
    """A mention of the bot in a chat that it is no member of; `answer` is the message it gave."""

    id: str
    user: User
    message: Message
    asked_at: datetime
    answer: Message | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One request and what became of it: `result`, or `error` where it was refused."""

    method: str
    parameters: Json
    at: datetime
    result: Any = None
    error: str = ""
    code: int = 200


@dataclass(slots=True, kw_only=True)
class Queries:
    callbacks: dict[str, CallbackQuery] = field(default_factory=dict)
    inline: dict[str, InlineQuery] = field(default_factory=dict)
    guests: dict[str, GuestQuery] = field(default_factory=dict)
    cache: dict[tuple[str, str, int], tuple[datetime, Json]] = field(default_factory=dict)


class Core:
    """The state of one Telegram with one bot."""

    def __init__(self, bot: User, clock: Clock, settings: Settings, limits: Limits, routes: Mapping[str, str]) -> None:
        self.clock = clock
        self.settings = settings
        self.world = World(bot, clock)
        self.updates = Delivery(clock, self.touch)
        self.webhook = Webhook(self.updates, clock, routes, retry_s=0.05)
        self.meter = Meter(limits)
        self.faults = Faults()
        self.queries = Queries()
        self.menus: dict[tuple[str, str], list[Json]] = {}
        self.profile: dict[tuple[str, str], str] = {}
        self.menu_buttons: dict[int, Json] = {}
        self.actions: list[tuple[Chat, str, int | None]] = []
        self.calls: list[Call] = []
        self._changed = asyncio.Event()

    @property
    def bot(self) -> User:
        return self.world.bot

    def touch(self) -> None:
        """Wake whoever waits for something to happen."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def change(self) -> None:
        await self._changed.wait()
