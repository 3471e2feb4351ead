"""The values that bot.db takes and gives: chats, what was sent and what it quoted, buttons, feedback, links.

Frozen, free of any platform and of SQL. Times are aware UTC.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from bot.settings import ChatSettings
from index import Excerpt, Span

Payload = Mapping[str, str | int | None]


class ChatKind(StrEnum):
    """What a chat is on its platform."""

    PRIVATE = "private"
    GROUP = "group"
    SUPERGROUP = "supergroup"
    CHANNEL = "channel"


class PauseReason(StrEnum):
    """Why we cannot speak in a chat."""

    BLOCKED = "blocked"
    KICKED = "kicked"
    GONE = "gone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chat:
    """A chat we know. `paused_for` is None while we may speak there; `state_at`: since when it is as it is.

    Of a private chat neither title nor username is kept. `settings_at`: when they were last changed, None if never.
    """

    chat_id: int
    kind: ChatKind
    state_at: datetime
    added_at: datetime
    title: str = ""
    username: str | None = None
    linked_chat_id: int | None = None
    forum: bool = False
    settings: ChatSettings = field(default_factory=ChatSettings)
    settings_at: datetime | None = None
    paused_for: PauseReason | None = None
    introduced_at: datetime | None = None
    missing_rights: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """How far a reader has looked: the last change of the archive, and the time up to which we had seen updates."""

    seq: int
    seen_until: datetime


class SentKind(StrEnum):
    """What a message of ours is."""

    ANSWER = "answer"
    LATEST = "latest"
    FIGURE = "figure"
    UPDATE = "update"
    INLINE = "inline"
    GUEST = "guest"
    DIGEST = "digest"
    ALERT = "alert"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quoted:
    """A span of a revision that a message shows. Its update is (source, update_id); `update_no` is the archive's.

    `text_hash` is the SHA-256 of the quoted text in hexadecimal, to prove later what was shown.
    """

    source: str
    update_id: str
    update_no: int
    revision: int
    span: Span
    text_hash: str
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """A picture to be sent, as PNG, and what it shows in words."""

    png: bytes
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message about to be sent, as the ledger is to know it. `pending`: what "More" shows next, in order.

    `asked_by` is who may press the buttons that are the asker's; None where nobody may. `shape`: how it is written, as
    `bot.shapes` keeps it; "" for an answer, whose words may be the asker's.
    """

    kind: SentKind
    at: datetime
    chat_id: int | None = None
    thread_id: int | None = None
    asked_by: int | None = None
    language: str = "en"
    zone: str = "UTC"
    quotes: tuple[Quoted, ...] = ()
    pending: tuple[Quoted, ...] = ()
    shape: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A message of ours, perhaps in several parts. `message_ids` is empty until it was sent, and after its chat moved.

    `chat_id` is None for an inline message, which has an `inline_message_id` where the platform told one.
    """

    id: str
    kind: SentKind
    at: datetime
    chat_id: int | None
    thread_id: int | None
    message_ids: tuple[int, ...]
    inline_message_id: str | None
    asked_by: int | None
    language: str
    zone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """Quotes taken for one "More"; nobody else gets them. `left`: how many are still to be had.

    `places` are theirs among the pending ones, to give them back by.
    """

    quotes: tuple[Quoted, ...] = ()
    places: tuple[int, ...] = ()
    left: int = 0


class Presser(StrEnum):
    """Who may press a button."""

    ASKER = "asker"
    ANYONE = "anyone"
    ADMINS = "admins"


class ButtonAction(StrEnum):
    """What a button does."""

    MORE = "more"
    CONTEXT = "context"
    SINCE = "since"
    WRONG = "wrong"
    VERDICT = "verdict"
    SETTINGS = "settings"
    FORGET = "forget"
    SUBSCRIBE = "subscribe"
    WATCH = "watch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """What stands behind a button's key. `user_id`: who the asker is, where only the asker may press.

    `key` is empty until the store has given one.
    """

    action: ButtonAction
    expires_at: datetime
    presser: Presser = Presser.ANYONE
    sent_id: str | None = None
    payload: Payload = field(default_factory=lambda: MappingProxyType({}))
    chat_id: int | None = None
    user_id: int | None = None
    key: str = ""


class FeedbackVerdict(StrEnum):
    """What a reader says is wrong with an answer."""

    WRONG_PASSAGE = "wrong_passage"
    OUT_OF_DATE = "out_of_date"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One reader's verdict on one message; the cited revision where a place was named. Nobody can be told from it."""

    sent_id: str
    verdict: FeedbackVerdict
    at: datetime
    place: int | None = None
    source: str | None = None
    update_id: str | None = None
    revision: int | None = None


class LinkKind(StrEnum):
    """What a start link opens in private; the value is the first letter of its key."""

    UPDATE = "u"
    ASK = "a"
    SETTINGS = "s"


@dataclass(frozen=True, slots=True, kw_only=True)
class StartLink:
    """What stands behind `?start=`: an update; or a chat (and message) to ask on from or to set.

    `user_id`: the only one who may use it; None: anyone. An update's link does not expire.
    """

    key: str
    kind: LinkKind
    source: str = ""
    update_id: str = ""
    update_no: int = 0
    chat_id: int | None = None
    user_id: int | None = None
    sent_id: str | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationStatus:
    """What bot.db holds, for the operator; empty kinds are absent. `outbox`: deliveries by state."""

    active: int
    paused: Mapping[str, int]
    sent: Mapping[str, int]
    feedback: Mapping[str, int]
    outbox: Mapping[str, int] = field(default_factory=dict)


def quoted(excerpt: Excerpt) -> Quoted:
    """Write down what an excerpt quotes, without its text."""
    return Quoted(
        source=excerpt.citation.source,
        update_id=excerpt.citation.update_id,
        update_no=excerpt.citation.update_no,
        revision=excerpt.citation.revision,
        span=excerpt.span,
        text_hash=text_hash(excerpt.text),
        label=excerpt.label,
    )


def text_hash(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def may_press(button: Button, *, user_id: int | None, admin: bool) -> bool:
    """Tell whether someone may press a button. Who asked is compared, never guessed: an unknown asker is nobody."""
    match button.presser:
        case Presser.ANYONE:
            return True
        case Presser.ADMINS:
            return admin
        case Presser.ASKER:
            return user_id is not None and user_id == button.user_id
