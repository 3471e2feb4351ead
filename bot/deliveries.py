"""The values of the outbox: what is planned, one message to send and its state, what became of it. Frozen.

What the states mean and which follows which is told in `bot.outbox`.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from bot.records import Draft, PauseReason
from bot.schedule import Quiet
from bot.types import Buttons


class Urgency(IntEnum):
    """Who goes first. Answers never wait in the outbox; they are here because they go before all that does."""

    ANSWER = 0
    CORRECTION = 1
    ALERT = 2
    DIGEST = 3


class State(StrEnum):
    """How far a delivery has come."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    RETRY = "retry"
    HELD = "held"
    DEAD = "dead"
    UNCERTAIN = "uncertain"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """One part as it will be sent, also when it is sent again: `plain` says the same where `html` is refused.

    Of a `picture`, a PNG, both are what is written below it. `blocks`: which of its reply's blocks it shows, by their
    places; not kept.
    """

    html: str
    plain: str
    blocks: tuple[int, ...] = ()
    picture: bytes | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """Which message of ours a delivery changes, and what is sent in reply to it where it cannot be changed any more."""

    message_id: int | None = None
    inline_message_id: str | None = None
    instead: Rendered | None = None

    def __post_init__(self) -> None:
        if (self.message_id is None) == (self.inline_message_id is None):
            raise ValueError("an edit needs either a message or an inline message")


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A message about to be put into the outbox, in parts; the buttons come under the last that is no picture.

    `due_at`: not before; None: at once. `expires_at`: not after, None: whenever. `draft`: how the ledger is to know it;
    None for an edit, whose message is there already as `sent_id`. `quiet`: hours that hold it, even where it is late.
    """

    chat_id: int | None
    urgency: Urgency
    parts: tuple[Rendered, ...]
    thread_id: int | None = None
    reply_to: int | None = None
    buttons: Buttons = ()
    due_at: datetime | None = None
    expires_at: datetime | None = None
    quiet: Quiet | None = None
    draft: Draft | None = None
    sent_id: str | None = None
    edit: Edit | None = None

    def __post_init__(self) -> None:
        if not self.parts or (self.edit and len(self.parts) > 1):
            raise ValueError("nothing to send, or an edit in several parts")
        if self.parts[0].picture or (self.edit and self.edit.instead and self.edit.instead.picture):
            raise ValueError("a picture follows words, and edits none")
        if self.chat_id is None and (self.edit is None or self.edit.inline_message_id is None):
            raise ValueError("only a message sent by way of a reader has no chat of ours")

    @property
    def last_text(self) -> int:
        """Return the place of the last part that is no picture."""
        return max(place for place, part in enumerate(self.parts) if part.picture is None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One part to send, as it stands in the outbox. `tries`: how often it was begun, this time included."""

    id: int
    chat_id: int | None
    thread_id: int | None
    urgency: Urgency
    part: int
    body: Rendered
    buttons: Buttons
    due_at: datetime
    tries: int
    reply_to: int | None = None
    sent_id: str | None = None
    edit: Edit | None = None

    @property
    def lane(self) -> int | str:
        """Name what is paced together: the chat, or the one message of a chat that we are not in."""
        return self.chat_id if self.chat_id is not None else f"inline {self.edit and self.edit.inline_message_id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """A delivery that an operator may want to see to: it is dead, or may have arrived. `at`: since when that is so."""

    state: State
    at: datetime
    chat_id: int | None
    urgency: Urgency
    reason: str


# What a platform says of one attempt


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """It was sent, or it says that already; `chat_id` is another than meant where the group has moved."""

    chat_id: int | None
    message_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Later:
    """Telegram asks to wait before the next message to this chat; nothing has left."""

    retry_after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsent:
    """It certainly did not leave."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Perhaps:
    """It may have arrived."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Closed:
    """We may not write there; `pause` says why that lasts, None where only a right is missing."""

    pause: PauseReason | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TopicClosed:
    """The topic takes no messages."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gone:
    """What was to be edited is deleted or too old."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """It would be refused again, as plain text too."""

    reason: str


Outcome = Arrived | Later | Unsent | Perhaps | Closed | TopicClosed | Gone | Refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What is written down about one attempt, in one transaction; `due_at` goes with RETRY.

    `chat_until`: nothing else goes to this chat before. `moved_to`: the chat's new id. `pause`: why nothing goes to
    the chat any more. `topic_closed`: its subscriptions and watches are paused. `instead`: becomes the reply that
    stands for an edit.
    """

    delivery: Delivery
    state: State
    at: datetime
    reason: str = ""
    due_at: datetime | None = None
    chat_until: datetime | None = None
    message_id: int | None = None
    moved_to: int | None = None
    pause: PauseReason | None = None
    topic_closed: bool = False
    instead: bool = False
