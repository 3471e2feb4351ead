"""The values of the conversation, free of any platform: what comes in, and what goes out.

Chat platforms translate to and from these; nothing here knows how a message looks.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.records import ChatKind, Picture
from index import Citation, Excerpt, Post


class Place(StrEnum):
    """What kind of chat a message stands in. GUEST: one that we are not in, where somebody mentioned us."""

    PRIVATE = "private"
    GROUP = "group"
    CHANNEL = "channel"
    GUEST = "guest"
    TERMINAL = "terminal"


class Media(StrEnum):
    """What a message holds instead of words, or beside them."""

    PHOTO = "photo"
    VOICE = "voice"
    STICKER = "sticker"
    VIDEO = "video"
    LOCATION = "location"
    POLL = "poll"
    FILE = "file"


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatSeen:
    """A chat as its platform tells of it with a message or an event; what we keep of it is `records.Chat`.

    `linked_chat_id`: a channel's discussion group or a group's channel, where the platform tells.
    """

    chat_id: int
    kind: ChatKind
    title: str = ""
    username: str | None = None
    forum: bool = False
    linked_chat_id: int | None = None


# What comes in


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message to us. `command` is lower case without slash and name, None for plain text.

    `addressee` is the bot named in `/command@name` (lower case, without @), "" where none is.
    `text` is what follows the command, or the whole text; a caption counts as text, beside its `media`.
    `chat`: what the platform tells of the chat, None in the terminal and in guest mode.
    `user_id`: the sender, or the chat somebody speaks for; that one is `sender_chat_id` too: the group's own id for an
    anonymous admin, another chat's for a channel. `thread_id`: the forum topic, None for General and outside forums.
    `mentions_us`: our @name stands anywhere in it. `is_comment`: it stands under a channel's post, which is
    `comment_on` where the platform tells.
    `reply_to_us`: it answers one of our messages, be it one sent by way of a reader (inline).
    `reply_to_text`: the words marked in the answered message, else all of it, which is `reply_to_whole`.
    `forwards_us`: it is itself a forward of a message of ours. `guest_query_id`: what a guest's answer is given to.
    """

    chat_id: int
    message_id: int
    place: Place
    text: str
    sent_at: datetime
    command: str | None = None
    addressee: str = ""
    user_id: int | None = None
    thread_id: int | None = None
    reply_to_us: bool = False
    reply_to_message_id: int | None = None
    reply_to_text: str = ""
    language: str = "en"
    edited: bool = False
    chat: ChatSeen | None = None
    sender_chat_id: int | None = None
    media: Media | None = None
    mentions_us: bool = False
    is_comment: bool = False
    comment_on: Post | None = None
    reply_to_whole: str = ""
    forwards_us: bool = False
    guest_query_id: str = ""

    @property
    def is_anonymous_admin(self) -> bool:
        """Tell whether an admin of this group speaks as the group."""
        return self.sender_chat_id == self.chat_id and self.place is Place.GROUP


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """Somebody pressed a button of ours; `key` is its data, which may be forged.

    Either chat and message are known or `inline_message_id` is: that of a message sent by way of a reader.
    `by_admin`: known to be an admin, None where nobody has looked yet (`ports.Platform` does).
    """

    user_id: int
    key: str
    language: str = "en"
    place: Place = Place.PRIVATE
    chat_id: int | None = None
    message_id: int | None = None
    thread_id: int | None = None
    inline_message_id: str | None = None
    chat: ChatSeen | None = None
    by_admin: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineAsk:
    """Somebody types a question behind our name in any chat; `text` may be half a word."""

    user_id: int
    text: str
    language: str = "en"


class Role(StrEnum):
    """What we are in a chat. KICKED in a private chat means blocked."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    RESTRICTED = "restricted"
    LEFT = "left"
    KICKED = "kicked"


class Right(StrEnum):
    """What we must be allowed to do somewhere; the names of `right_…` in texts."""

    SEND_MESSAGES = "send_messages"
    POST_MESSAGES = "post_messages"
    EDIT_MESSAGES = "edit_messages"
    READ_MESSAGES = "read_messages"


@dataclass(frozen=True, slots=True, kw_only=True)
class Membership:
    """Our own standing in a chat has changed; `by_user_id` did it, whose client speaks `language`."""

    chat: ChatSeen
    old: Role
    new: Role
    rights: frozenset[Right] = frozenset()
    by_user_id: int | None = None
    language: str = "en"


@dataclass(frozen=True, slots=True, kw_only=True)
class Migrated:
    """A group became a supergroup and has another id now."""

    old_chat_id: int
    new_chat_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A post of a channel where we are admin, new or edited."""

    post: Post
    chat: ChatSeen
    edited: bool = False


# What goes out


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Our own words, plain text; `moments`: what in it names a moment, in order, which apps can localise."""

    text: str
    moments: tuple[tuple[str, datetime], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A verbatim excerpt with its citation; `note` is our remark on it ("superseded", "correction").

    `start`: the start parameter that opens its update in private, "" where there is none.
    """

    excerpt: Excerpt
    note: str = ""
    start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """An update that is named, not quoted: title, time, link; `start` as of a Quote."""

    citation: Citation
    start: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Struck:
    """Words of a source that no longer stand: shown struck through."""

    text: str


Block = Paragraph | Quote | Pointer | Struck


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyButton:
    """A button under a message, with exactly one of the three.

    `key`: what a press brings back, at most 64 bytes; `url`: http(s); `start`: that of a link into our private chat.
    """

    label: str
    key: str = ""
    url: str = ""
    start: str = ""

    def __post_init__(self) -> None:
        if sum(map(bool, (self.key, self.url, self.start))) != 1:
            raise ValueError(f"a button needs one of key, url and start: {self}")
        if len(self.key.encode()) > 64 or len(self.start) > 64:
            raise ValueError(f"too long for a button: {self}")


Buttons = tuple[tuple[ReplyButton, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Our response, in order; `zone` is for clocks that a platform cannot localise, `language` for its own words.

    `more`: how many further updates a `More` that follows it would have to show. `buttons`: rows, under the last part;
    `picture`: sent after it. `sent_id`: its short id in the ledger, "" where it is not there; its fate is told by it.
    """

    blocks: tuple[Block, ...]
    zone: str = "UTC"
    more: int = 0
    language: str = "en"
    buttons: Buttons = ()
    sent_id: str = ""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pressed:
    """What a press leads to: at once a toast (`alert`: one to be closed), or nothing.

    Then `reply`, a new message in reply to the one with the button; `edit`, what that one shall say instead;
    `buttons`, what shall stand under it instead, its words staying. None each: nothing.
    """

    toast: str = ""
    alert: bool = False
    reply: Reply | None = None
    edit: Reply | None = None
    buttons: Buttons | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One result of an inline question: the reply that is sent when it is chosen, whose `sent_id` is its id."""

    title: str
    description: str
    reply: Reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Offers:
    """What is offered for an inline question, best first, and the button above it into the private chat."""

    offers: tuple[Offer, ...] = ()
    private_text: str = ""
    private_start: str = ""
    cache_s: int = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A message of ours that answers none: an introduction, a notice to an admin."""

    chat_id: int
    reply: Reply
    thread_id: int | None = None
