"""What one message asks of us: the values between `dialogue`, which decides, and `desk`, which does."""

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """The pages the bot can show of itself; STATUS to operators alone."""

    START = "start"
    HELP = "help"
    PRIVACY = "privacy"
    STATUS = "status"


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
class Since:
    """Show what is new since the reader last looked, or since a time as typed."""

    moment: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verify:
    """Check what one of our messages quoted: the one with this short id, else the one that this message is about."""

    sent_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Open:
    """Open what a start link names: an update, a question to ask on in private, a chat's settings."""

    key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Show the settings, or change one as typed ("zone Kyiv")."""

    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Forget:
    """Ask whether to delete what is kept of the asker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Tell what we read and when we last looked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Show a fixed page."""

    topic: Topic


@dataclass(frozen=True, slots=True, kw_only=True)
class Say:
    """A fixed short line (an empty question, a thank-you); `line` is a key of the table in `texts`."""

    line: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PressWord:
    """Press a button by its word, where there are none to press: "context 1" in the terminal."""

    action: str
    place: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """Begin or change, end, or show a digest or watches, by the `command` and what was typed behind it."""

    command: str
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenBack:
    """Show what was taken back lately of what we said here, or switch telling of it ("on", "off")."""

    text: str = ""


Action = (
    Ask | More | Latest | Since | Verify | Open | Settings | Forget | Sources | Page | Say | PressWord | Subscribe
    | TakenBack
)  # fmt: skip
