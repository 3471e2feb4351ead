"""The values of the conversation, free of any platform: what comes in, what is to be done, what goes out.

Chat platforms translate to and from these; nothing here knows how a message looks.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from index import Citation, Excerpt


class Place(StrEnum):
    """What kind of chat a message stands in."""

    PRIVATE = "private"
    GROUP = "group"
    CHANNEL = "channel"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One message to us. `command` is lower case without slash and name, None for plain text.

    `addressee` is the bot named in `/command@name` (lower case, without @), "" where none is.
    `text` is what follows the command, or the whole text. `reply_to_us`: it answers one of our messages.
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


class Topic(StrEnum):
    """The fixed pages the bot can show of itself."""

    START = "start"
    HELP = "help"
    PRIVACY = "privacy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """Answer a question from the updates."""

    question: str


@dataclass(frozen=True, slots=True, kw_only=True)
class More:
    """Show the next excerpts of the question that this message follows, without those shown already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """Show the newest updates, of a topic where one is named."""

    topic: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Tell what we read and when we last looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Show a fixed page."""

    topic: Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A fixed short line: an empty question, an unknown command, a thank-you.

    `line` is a key of the table in `texts`.
    """

    line: str


Action = Ask | More | Latest | Sources | Page | Say


@dataclass(frozen=True, slots=True, kw_only=True)
class Paragraph:
    """Our own words, plain text."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """A verbatim excerpt with its citation; `note` is our remark on it ("superseded", "correction")."""

    excerpt: Excerpt
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """An update that is named, not quoted: title, time, link."""

    citation: Citation


Block = Paragraph | Quote | Pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Our response to one Incoming, in order; `zone` is for clocks that a platform cannot localise.

    `more`: how many further updates a `More` that follows this reply would have to show.
    """

    blocks: tuple[Block, ...]
    zone: str = "UTC"
    more: int = 0
