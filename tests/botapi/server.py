"""The strict Telegram as a test starts it: the server, its people and places, its faults, and waiting for the bot."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Self

from tests.botapi.composing import ANONYMOUS_ID, TELEGRAM_ID
from tests.botapi.core import Call, Core, InlineQuery, Settings
from tests.botapi.faults import Fault
from tests.botapi.http import Face
from tests.botapi.limits import Limits
from tests.botapi.page import page
from tests.botapi.page_offers import offers
from tests.botapi.people import Person
from tests.botapi.places import Channel, Group, Place
from tests.botapi.state import Chat, Clock, Json, Kind, Member, Message, Status, User

TOKEN = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsawQ"


def utc_now() -> datetime:
    return datetime.now(UTC)


class Server:
    """One Telegram, one bot. `routes` leads public https prefixes of webhooks to servers on this machine."""

    def __init__(
        self,
        *,
        token: str = TOKEN,
        name: str = "Dateline",
        username: str = "dateline_bot",
        clock: Clock = utc_now,
        settings: Settings | None = None,
        limits: Limits | None = None,
        routes: Mapping[str, str] | None = None,
    ) -> None:
        bot = User(id=int(token.partition(":")[0]), first_name=name, username=username, is_bot=True)
        self.token = token
        self.core = Core(bot, clock, settings or Settings(), limits or Limits(), routes or {})
        self.url = ""
        self._face = Face(self.core, token)
        self._ids = 0
        for number, title, handle in ((TELEGRAM_ID, "Telegram", ""), (ANONYMOUS_ID, "Group", "GroupAnonymousBot")):
            own = User(id=number, first_name=title, username=handle, is_bot=number == ANONYMOUS_ID)
            self.core.world.users[number] = own

    async def __aenter__(self) -> Self:
        self.url = await self._face.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.core.webhook.stop()
        self.core.updates.interrupt("the server stops")
        await self._face.stop()

    async def goes_down(self) -> None:
        """Stop listening: connections are refused, so that nothing has left the bot for certain."""
        await self._face.stop()

    async def comes_back(self) -> None:
        """Listen again at the same address."""
        await self._face.start(int(self.url.rpartition(":")[2]))

    @property
    def base_url(self) -> str:
        """Return what `ApplicationBuilder().base_url` takes."""
        return f"{self.url}/bot"

    @property
    def base_file_url(self) -> str:
        return f"{self.url}/file/bot"

    @property
    def settings(self) -> Settings:
        return self.core.settings

    def user(self, name: str, *, username: str = "", language: str = "en", started: bool = False) -> Person:
        """Make a person. `started`: has used the bot before, so that it may write first."""
        user = User(id=self._number(5_000_000), first_name=name, username=username, language_code=language)
        user.started = started
        self.core.world.users[user.id] = user
        return Person(self.core, user)

    def group(self, title: str, *members: Person, bot: Status | None = Status.MEMBER) -> Group:
        """Make a basic group; the first member owns it. `bot`: what ours is there, quietly; None: not there."""
        return Group(self.core, self._chat(Kind.GROUP, title, members, bot))

    def supergroup(
        self,
        title: str,
        *members: Person,
        bot: Status | None = Status.MEMBER,
        forum: bool = False,
        username: str = "",
    ) -> Group:
        chat = self._chat(Kind.SUPERGROUP, title, members, bot)
        chat.is_forum, chat.username = forum, username
        return Group(self.core, chat)

    def channel(
        self, title: str, *members: Person, bot: Status | None = Status.ADMINISTRATOR, username: str = ""
    ) -> Channel:
        chat = self._chat(Kind.CHANNEL, title, members, bot)
        chat.username = username
        return Channel(self.core, chat)

    def _chat(self, kind: Kind, title: str, members: Sequence[Person], bot: Status | None) -> Chat:
        number = self._number(4_000_000)
        chat = Chat(id=-number if kind is Kind.GROUP else -1_001_000_000_000 - number, kind=kind, title=title)
        people = [member.user for member in members] or [self.user("Olga").user]
        for user in people:
            status = Status.CREATOR if user is people[0] else Status.MEMBER
            chat.members[user.id] = Member(user=user, status=status)
        if bot is not None:
            chat.members[self.core.bot.id] = Member(user=self.core.bot, status=bot)
        self.core.world.chats[chat.id] = chat
        return chat

    def _number(self, base: int) -> int:
        self._ids += 1
        return base + self._ids

    def fail(self, method: str, *faults: Fault) -> None:
        """Put faults before the next calls of a method, or of any for "*"."""
        self.core.faults.put(method, *faults)

    def flood(self, place: Place | None, retry_after_s: float) -> None:
        """Refuse everything to one chat, or to all for None, for that long."""
        until = self.core.clock() + timedelta(seconds=retry_after_s)
        self.core.meter.close(place.chat if place else None, until)

    def calls(self, method: str = "") -> list[Call]:
        """Return the calls so far, refused ones too; of one method where it is named."""
        return [call for call in self.core.calls if method in ("", call.method)]

    def refused(self) -> list[Call]:
        return [call for call in self.core.calls if call.error]

    def menu(self, scope: str = "default", language: str = "") -> list[str]:
        """Return the names of the commands in a menu: "default", "all_private_chats", "chat -1001", …"""
        return [command["command"] for command in self.core.menus.get((scope, language), [])]

    def page(self, place: Place, *, dark: bool = False, zone: str = "UTC") -> str:
        """Return a chat as a page of HTML, with clocks as in a reader's zone."""
        topic = place.topic_state
        return page(place.chat, files=self.core.world.files, dark=dark, topic=topic, zone=zone)

    def offers(self, query: InlineQuery, *, dark: bool = False) -> str:
        """Return what a person sees above the line where they type `@bot text`, as a page of HTML."""
        return offers(query, self.core.bot.username, dark=dark)

    async def until(self, condition: Callable[[], object], *, timeout_s: float = 5.0) -> None:
        """Wait for a condition over what the chats show. Raises: TimeoutError, with the last calls."""
        try:
            async with asyncio.timeout(timeout_s):
                while not condition():
                    await self.core.change()
        except TimeoutError as error:
            last = [f"{call.method}: {call.error or 'ok'}" for call in self.core.calls[-5:]]
            raise TimeoutError(f"it did not happen in {timeout_s} s; last calls: {last}") from error

    async def reply_to(self, message: Message, *, timeout_s: float = 5.0) -> Message:
        """Wait for the bot's message that replies to this one, and return it."""
        await self.until(lambda: _replies(message), timeout_s=timeout_s)
        return _replies(message)[0]

    async def next_from_bot(self, place: Place, *, after: int = 0, timeout_s: float = 5.0) -> Message:
        """Wait until the bot has sent more than `after` messages to a place; return the next one."""
        await self.until(lambda: len(place.ours) > after, timeout_s=timeout_s)
        return place.ours[after]

    async def quiet(self, *, for_s: float = 0.2, timeout_s: float = 10.0) -> None:
        """Wait until all updates are taken and dealt with, and nothing has happened for a while.

        A bot in this loop that is still at work on an update is waited for, however slow the machine: time alone
        tells nothing there.
        """
        async with asyncio.timeout(timeout_s):
            while True:
                try:
                    await asyncio.wait_for(self.core.change(), for_s)
                except TimeoutError:
                    if not self.core.updates.pending and not _at_work():
                        return

    def undelivered(self) -> list[Json]:
        """Return the updates that the bot has not confirmed yet."""
        return [update for _, update in self.core.updates.pending]


def _at_work() -> bool:
    """Tell whether python-telegram-bot, which names its tasks so, is processing an update in this loop."""
    return any(task.get_name().endswith("process_concurrent_update") for task in asyncio.all_tasks())


def _replies(message: Message) -> list[Message]:
    return [one for one in message.chat.messages if one.by_bot and one.reply_to is message]
