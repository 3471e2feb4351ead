"""The whole edge on the strict server: a conversation from a script, served by polling or by webhook."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime

from bot.actions import Action, Say
from bot.config import Config, TelegramConfig, TelegramMode
from bot.ports import Platform
from bot.records import PauseReason
from bot.tg.app import serve
from bot.types import (
    ChatSeen,
    Incoming,
    InlineAsk,
    Membership,
    Migrated,
    Offer,
    Offers,
    Outgoing,
    Paragraph,
    Posted,
    Press,
    Pressed,
    Reply,
)
from tests.bot.tg.builders import make_quote, make_reply
from tests.botapi import NONE, Server

PUBLIC = "https://bot.example"
SECRET = "a-secret_of-ours"
HOSTILE = 'He said: "<b>a & b</b>" &amp; <script>, then 1 < 2.'

Scene = Callable[[Server, "FakeConversation"], Awaitable[None]]


async def a_moment(incoming: Incoming) -> None:
    """Take as long as an archive takes at least."""
    await asyncio.sleep(0.01)


@dataclass
class FakeConversation:
    """Says what it is told to say and remembers what it was told. `when` may hold up or break an answer."""

    reply: Reply | None = field(default_factory=lambda: make_reply(make_quote(HOSTILE)))
    pressed: Pressed = field(default_factory=Pressed)
    offered: Offers = field(default_factory=Offers)
    notices: tuple[Outgoing, ...] = ()
    when: Callable[[Incoming], Awaitable[None]] = a_moment
    when_pressed: Callable[[Press], Awaitable[None]] | None = None
    platform: Platform | None = None
    handled: list[tuple[Action, Incoming]] = field(default_factory=list)
    presses: list[Press] = field(default_factory=list)
    asked_inline: list[InlineAsk] = field(default_factory=list)
    guests: list[Incoming] = field(default_factory=list)
    memberships: list[Membership] = field(default_factory=list)
    moves: list[Migrated] = field(default_factory=list)
    posts: list[Posted] = field(default_factory=list)
    closed: list[tuple[int, PauseReason]] = field(default_factory=list)
    topics: list[tuple[int, int]] = field(default_factory=list)
    told: list[tuple[str, int, tuple[int, ...], Incoming | None]] = field(default_factory=list)
    inline: list[tuple[str, str]] = field(default_factory=list)
    unsents: list[str] = field(default_factory=list)

    @property
    def actions(self) -> list[Action]:
        return [action for action, _ in self.handled]

    @property
    def heard(self) -> list[Incoming]:
        return [incoming for _, incoming in self.handled]

    def meet(self, platform: Platform) -> None:
        self.platform = platform

    async def handle(self, action: Action, incoming: Incoming, now: datetime) -> Reply | None:
        self.handled.append((action, incoming))
        if isinstance(action, Say):
            return make_reply(Paragraph(text=f"line {action.line}"))
        await self.when(incoming)
        return self.reply

    async def press(self, press: Press, now: datetime) -> Pressed:
        self.presses.append(press)
        if self.when_pressed is not None:
            await self.when_pressed(press)
        return self.pressed

    async def offers(self, ask: InlineAsk, now: datetime) -> Offers:
        self.asked_inline.append(ask)
        return self.offered

    async def guest(self, incoming: Incoming, now: datetime) -> Reply:
        self.guests.append(incoming)
        await self.when(incoming)
        assert self.reply is not None
        return self.reply

    async def membership(self, membership: Membership, now: datetime) -> tuple[Outgoing, ...]:
        self.memberships.append(membership)
        return self.notices

    async def migrated(self, migrated: Migrated) -> tuple[Outgoing, ...]:
        self.moves.append(migrated)
        return ()

    async def posted(self, posted: Posted, now: datetime) -> None:
        self.posts.append(posted)

    async def unreachable(self, chat_id: int, reason: PauseReason, now: datetime) -> None:
        self.closed.append((chat_id, reason))

    async def topic_closed(self, chat: ChatSeen, thread_id: int, now: datetime) -> tuple[Outgoing, ...]:
        self.topics.append((chat.chat_id, thread_id))
        return self.notices

    async def sent(
        self, reply: Reply, chat_id: int, message_ids: Sequence[int], incoming: Incoming | None = None
    ) -> None:
        self.told.append((reply.sent_id, chat_id, tuple(message_ids), incoming))

    async def sent_inline(self, sent_id: str, inline_message_id: str) -> None:
        self.inline.append((sent_id, inline_message_id))

    async def unsent(self, sent_id: str) -> None:
        self.unsents.append(sent_id)


def make_offers(*texts: str, **more: object) -> Offers:
    made = tuple(
        Offer(
            title=text, description="Harbour Gazette", reply=make_reply(make_quote(text), sent_id=f"s{number}", **more)
        )
        for number, text in enumerate(texts)
    )
    return Offers(offers=made, private_text="Ask in private", private_start="inline")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def config_of(server: Server, mode: TelegramMode, port: int) -> Config:
    return Config(
        telegram=TelegramConfig(base_url=server.url, mode=mode, webhook_url=f"{PUBLIC}/hook", webhook_port=port)
    )


@asynccontextmanager
async def serving(
    server: Server,
    conversation: FakeConversation,
    *,
    mode: TelegramMode = TelegramMode.POLLING,
    clock: Callable[[], datetime] | None = None,
) -> AsyncIterator[None]:
    """Run the bot; what was received by the end is still answered."""
    port = free_port()
    server.core.webhook.routes[PUBLIC] = f"http://127.0.0.1:{port}"
    stop = asyncio.Event()
    bot = asyncio.create_task(
        serve(
            config_of(server, mode, port),
            conversation,
            token=server.token,
            webhook_secret=SECRET,
            stop=stop,
            clock=clock or server.core.clock,
        )
    )
    await _ready(server, bot, mode)
    try:
        yield
    finally:
        stop.set()
        await bot


async def _ready(server: Server, bot: "asyncio.Task[None]", mode: TelegramMode) -> None:
    """Wait until the bot receives, so that what is pushed next is not what waited out a downtime."""
    listening = (
        (lambda: server.core.updates.waiting) if mode is TelegramMode.POLLING else (lambda: server.core.webhook.info)
    )
    # The first call makes the server read the models of the whole API.
    waiting = asyncio.create_task(server.until(listening, timeout_s=20))
    await asyncio.wait({bot, waiting}, return_when=asyncio.FIRST_COMPLETED)
    if bot.done():
        waiting.cancel()
        bot.result()
    await waiting


def play(
    scene: Scene,
    conversation: FakeConversation | None = None,
    *,
    server: Server | None = None,
    mode: TelegramMode = TelegramMode.POLLING,
) -> tuple[Server, FakeConversation]:
    """Play a scene with the bot running."""
    talk, place = conversation or FakeConversation(), server or Server(limits=NONE)

    async def whole() -> None:
        async with place, asyncio.timeout(30), serving(place, talk, mode=mode):
            await scene(place, talk)

    asyncio.run(whole())
    return place, talk
