"""Posts of a Telegram channel, live or exported, as updates: one identity whichever way they come. Pure.

Deletions are told to nobody but the app itself: no bot and no export sees them, so a post never becomes a tombstone.
"""

from dataclasses import dataclass
from datetime import datetime

from index.sources.entries import edited
from index.sources.wording import kind_of
from index.text import normalise, normalise_line
from index.types import Kind, LiveBlog, Precision, TimeBasis, Update, require_utc

_TITLE_CHARS = 160
_BOT_API_PREFIX = "-100"
_ID_BELOW = 10**14


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel: its number (0: not known), as exports write it or as the Bot API does (-100…), its name, its title.

    `has_links`: whether its messages can be linked to by number.
    """

    id: int
    title: str = ""
    username: str = ""
    has_links: bool = True

    @property
    def number(self) -> int:
        """Its number as links and exports have it."""
        digits = str(self.id)
        return int(digits.removeprefix(_BOT_API_PREFIX)) if digits.startswith(_BOT_API_PREFIX) else self.id

    @property
    def key(self) -> str:
        """The key of its live blog."""
        return f"telegram:{self.number or normalise_line(self.title) or 'export'}"

    def is_named(self, chat: str) -> bool:
        """Tell whether a config's `chat` means this channel: by @username in any case, or by either number."""
        if chat.startswith("@"):
            return bool(self.username) and chat[1:].lower() == self.username.lower()
        return chat.removeprefix(_BOT_API_PREFIX) == str(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A message of a channel; its text is the caption where it is a picture, the question where it is a poll.

    An album is several messages, each a Post: those without words are no updates, and the one with the caption keeps
    its own number, so that an edit of it finds it. `bold`: what is set in bold at its very beginning.
    """

    channel: Channel
    message_id: int
    text: str
    at: datetime | None
    edited_at: datetime | None = None
    bold: str = ""
    precision: Precision = Precision.MINUTE

    def __post_init__(self) -> None:
        require_utc("at", self.at)
        require_utc("edited_at", self.edited_at)


def live_blog_of(channel: Channel) -> LiveBlog:
    """Return the running story that a channel is."""
    return LiveBlog(key=channel.key, title=normalise_line(channel.title) or channel.key)


def update_of(post: Post, *, now: datetime) -> Update | None:
    """Return a post as an update, None where it has no words."""
    text = normalise(post.text)
    if not text:
        return None
    title = _title(post.bold, text)
    kind = kind_of(title, text)
    return Update(
        key=str(post.message_id),
        text=text,
        title=title,
        live_blog=post.channel.key,
        kind=Kind.UPDATE if kind is Kind.KEY_POINT else kind,
        published_at=post.at,
        time_basis=TimeBasis.OWN if post.at else TimeBasis.SEEN,
        time_precision=post.precision if post.at else Precision.MINUTE,
        modified_at=edited(post.at, post.edited_at, now=now) if post.at else None,
        url=_permalink(post.channel, post.message_id),
    )


def _title(bold: str, text: str) -> str:
    """Give the first line as title where it is set in bold and more follows."""
    line, _, rest = text.partition("\n")
    return line if rest and len(line) <= _TITLE_CHARS and normalise_line(bold) == line else ""


def _permalink(channel: Channel, message_id: int) -> str | None:
    """Link to the message: by the channel's public name, else by its number, which opens for members only."""
    name = channel.username
    if name and name.isascii() and name.replace("_", "").isalnum():
        return f"https://t.me/{name}/{message_id}"
    if channel.has_links and 0 < channel.number < _ID_BELOW:
        return f"https://t.me/c/{channel.number}/{message_id}"
    return None
