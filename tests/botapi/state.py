"""What Telegram knows: people, chats, members, topics, messages with every wording they ever had. No rules, no wire."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import count
from typing import Any

Json = dict[str, Any]
Clock = Callable[[], datetime]


class Kind(StrEnum):
    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class Status(StrEnum):
    CREATOR = "creator"
    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


ADMINS = (Status.CREATOR, Status.ADMINISTRATOR)
PRESENT = (*ADMINS, Status.MEMBER, Status.RESTRICTED)


@dataclass(slots=True, kw_only=True, eq=False)
class User:
    """An account. `started`: has spoken to the bot; `blocked`: will not hear it."""

    id: int
    first_name: str
    username: str = ""
    language_code: str = "en"
    is_bot: bool = False
    started: bool = False
    blocked: bool = False
    deactivated: bool = False


@dataclass(slots=True, kw_only=True, eq=False)
class Member:
    """One account in one chat; `rights` are what its status does not say."""

    user: User
    status: Status = Status.MEMBER
    rights: dict[str, bool] = field(default_factory=dict)
    anonymous: bool = False

    @property
    def is_admin(self) -> bool:
        return self.status in ADMINS

    @property
    def is_present(self) -> bool:
        return self.status in PRESENT


@dataclass(slots=True, kw_only=True, eq=False)
class Topic:
    id: int
    name: str
    closed: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """One key under a message, as a reader meets it."""

    text: str
    data: str = ""
    url: str = ""
    inline_query: str | None = None
    copy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wording:
    """What a message said at a time. `media` holds photo, voice and so on as they go over the wire."""

    text: str = ""
    entities: tuple[Json, ...] = ()
    media: Json = field(default_factory=dict)
    markup: Json | None = None
    preview: Json | None = None
    since: datetime = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True, kw_only=True, eq=False)
class Message:
    """One message in one chat. `wording` is how it stands now, `earlier` how it stood before each edit."""

    chat: "Chat"
    message_id: int
    date: datetime
    wording: Wording
    by_bot: bool = False
    sender: User | None = None
    sender_chat: "Chat | None" = None
    reply_to: "Message | None" = None
    quote: Json | None = None
    thread_id: int | None = None
    is_topic_message: bool = False
    via_bot: User | None = None
    inline_message_id: str = ""
    extra: Json = field(default_factory=dict)
    earlier: list[Wording] = field(default_factory=list)
    edited_at: datetime | None = None
    deleted: bool = False
    pinned: bool = False
    reactions: list[Json] = field(default_factory=list)

    @property
    def text(self) -> str:
        """Return text or caption."""
        return self.wording.text

    @property
    def entities(self) -> tuple[Json, ...]:
        return self.wording.entities

    @property
    def history(self) -> list[str]:
        """Return every text this message has had, oldest first, the present one last."""
        return [*(wording.text for wording in self.earlier), self.text]

    @property
    def keyboard(self) -> list[list[Button]]:
        rows = (self.wording.markup or {}).get("inline_keyboard", [])
        return [[_button(button) for button in row] for row in rows]

    @property
    def buttons(self) -> list[Button]:
        return [button for row in self.keyboard for button in row]

    @property
    def is_service(self) -> bool:
        return not (self.wording.text or self.wording.media)

    def of(self, kind: str) -> list[str]:
        """Return the stretches of text that carry one type of entity, such as "blockquote" or "text_link"."""
        return [cut(self.text, entity) for entity in self.entities if entity["type"] == kind]

    @property
    def links(self) -> list[str]:
        return [entity["url"] for entity in self.entities if entity["type"] == "text_link"]


@dataclass(slots=True, kw_only=True, eq=False)
class Chat:
    """A place. The person of a private chat is its only member besides the bot."""

    id: int
    kind: Kind
    title: str = ""
    username: str = ""
    is_forum: bool = False
    members: dict[int, Member] = field(default_factory=dict)
    permissions: dict[str, bool] = field(default_factory=dict)
    topics: dict[int, Topic] = field(default_factory=dict)
    general_closed: bool = False
    linked: "Chat | None" = None
    migrated_to: "Chat | None" = None
    log: dict[int, Message] = field(default_factory=dict)

    def member(self, user: User) -> Member | None:
        return self.members.get(user.id)

    @property
    def messages(self) -> list[Message]:
        """Return what stands in the chat now, oldest first."""
        return [message for message in self.log.values() if not message.deleted]


class World:
    """Everything of the above, and the numbers that Telegram gives out."""

    def __init__(self, bot: User, clock: Clock) -> None:
        self.bot = bot
        self.clock = clock
        self.users: dict[int, User] = {bot.id: bot}
        self.chats: dict[int, Chat] = {}
        self.inline_messages: dict[str, Message] = {}
        self.files: dict[str, bytes] = {}
        self._numbers = count(1)
        self._boxes: dict[int, Iterator[int]] = {}

    def number(self) -> int:
        return next(self._numbers)

    def next_message_id(self, chat: Chat) -> int:
        """Supergroups and channels count for themselves; all else shares the account's one box."""
        box = chat.id if chat.kind in (Kind.SUPERGROUP, Kind.CHANNEL) else 0
        return next(self._boxes.setdefault(box, count(2)))

    def add(self, message: Message) -> Message:
        message.chat.log[message.message_id] = message
        return message

    def chat_of(self, user: User) -> Chat:
        """Return the private chat between a person and the bot."""
        if user.id not in self.chats:
            chat = Chat(id=user.id, kind=Kind.PRIVATE, title=user.first_name, username=user.username)
            chat.members[user.id] = Member(user=user)
            self.chats[user.id] = chat
        return self.chats[user.id]


def reword(message: Message, wording: Wording, now: datetime) -> None:
    """Put a new wording in place of the present one and keep the old."""
    message.earlier.append(message.wording)
    message.wording = wording
    message.edited_at = now


def cut(text: str, entity: Json) -> str:
    """Return what an entity covers; its numbers are UTF-16 units."""
    raw = text.encode("utf-16-le")
    return raw[2 * entity["offset"] : 2 * (entity["offset"] + entity["length"])].decode("utf-16-le")


def units(text: str) -> int:
    """Count as Telegram counts: UTF-16 code units."""
    return len(text) + sum(char > "\uffff" for char in text)


def _button(button: Json) -> Button:
    inline = button.get("switch_inline_query", button.get("switch_inline_query_current_chat"))
    return Button(
        text=button["text"],
        data=button.get("callback_data", ""),
        url=button.get("url", ""),
        inline_query=inline,
        copy=button.get("copy_text", {}).get("text", ""),
    )
