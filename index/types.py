"""The values that index speaks in: frozen, validated, without behaviour of their own.

A leaf: imports nothing of ours. Times are aware UTC; spans are in code points.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal


class Kind(StrEnum):
    """What an entry is to its desk."""

    UPDATE = "update"
    KEY_POINT = "key_point"
    CORRECTION = "correction"
    CLOSING = "closing_note"


class TimeBasis(StrEnum):
    """Where a time comes from: the entry, its page, or our first sight of it."""

    OWN = "own"
    INHERITED = "inherited"
    SEEN = "seen"


class Precision(StrEnum):
    """How exact a time is; of a *day* no clock time may reach a reader."""

    MINUTE = "minute"
    DAY = "day"


class Intent(StrEnum):
    """What kind of answer a question wants."""

    FACT = "fact"
    LATEST = "latest"
    FIGURE = "figure"
    CATCH_UP = "catch_up"


class Status(StrEnum):
    """How an Answer ends."""

    ANSWERED = "answered"
    ABSTAINED = "abstained"


def require_utc(name: str, moment: datetime | None) -> None:
    """Check that a time is aware and in UTC.

    Raises: ValueError naming the field.
    """
    if moment is not None and moment.utcoffset() != timedelta(0):
        raise ValueError(f"{name} must be an aware UTC time, not {moment!r}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Half-open range of code points."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end:
            raise ValueError(f"not a span: [{self.start}, {self.end})")


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveBlog:
    """A running story; `closed` is None where the source does not tell."""

    key: str
    title: str
    url: str | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    closed: bool | None = None
    credits: str = ""

    def __post_init__(self) -> None:
        require_utc("started_at", self.started_at)
        require_utc("ended_at", self.ended_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """One entry as its source states it now; identity is (source, key).

    `text` is normalised (`text.normalise`) and never empty unless withdrawn: an entry without a body
    has its title as text. `published_at` is None only where neither entry nor page gives a time.
    With precision *day* it is that day's midnight in the source's zone.
    """

    key: str
    text: str
    title: str = ""
    live_blog: str = ""
    kind: Kind = Kind.UPDATE
    published_at: datetime | None = None
    time_basis: TimeBasis = TimeBasis.OWN
    time_precision: Precision = Precision.MINUTE
    modified_at: datetime | None = None
    url: str | None = None
    withdrawn: bool = False

    def __post_init__(self) -> None:
        require_utc("published_at", self.published_at)
        require_utc("modified_at", self.modified_at)
        if not self.key:
            raise ValueError("an update needs a key")
        if not self.text and not self.withdrawn:
            raise ValueError(f"update {self.key!r} has no text")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one look at a source gave.

    `window_from`: entries of this reading's live blogs published at or after it are all here, so one
    that is known and missing was withdrawn; None where absence proves nothing (feeds, imports).
    `updates` stand in the order of the document.
    """

    source: str
    format: str
    updates: tuple[Update, ...]
    live_blogs: tuple[LiveBlog, ...] = ()
    window_from: datetime | None = None
    warnings: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        require_utc("window_from", self.window_from)


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision:
    """One immutable text of an update; number 1 is the first we saw.

    It stands from `effective_at` until the next one's.
    """

    update_no: int
    number: int
    title: str
    text: str
    kind: Kind
    content_hash: str
    seen_at: datetime
    effective_at: datetime
    withdrawn: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Validators:
    """What a server gave to ask "has it changed?" with: `ETag` and `Last-Modified` as sent."""

    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the archive holds of an update: its times and its newest revision."""

    update_no: int
    published_at: datetime
    time_basis: TimeBasis
    time_precision: Precision
    modified_at: datetime | None
    url: str | None
    live_blog: str
    number: int
    content_hash: str
    effective_at: datetime
    withdrawn: bool


class Verdict(StrEnum):
    """What a reading means for one update."""

    NEW = "new"
    REVISED = "revised"
    SAME = "unchanged"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What is to be written for one update; `revision` is None where its text stays.

    `context` is the title as passages are searched with it: empty where it is not the entry's own.
    """

    verdict: Verdict
    key: str
    live_blog: str
    published_at: datetime
    time_basis: TimeBasis
    time_precision: Precision
    modified_at: datetime | None
    url: str | None
    revision: Revision | None = None
    passages: tuple[Span, ...] = ()
    context: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A contiguous slice of one revision's text; its id is never reused."""

    id: int
    update_no: int
    revision: int
    span: Span


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeScope:
    """Half-open UTC interval [since, until) that a question is about; either end may be open.

    `phrase` is what the asker wrote, so that a reply can name it.
    """

    since: datetime | None = None
    until: datetime | None = None
    phrase: str = ""

    def __post_init__(self) -> None:
        require_utc("since", self.since)
        require_utc("until", self.until)
        if self.since and self.until and self.since > self.until:
            raise ValueError(f"scope ends before it begins: {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The question before this one and the updates shown for it so far, for follow-ups and "more".

    `question` stands alone, as `Query.question` gives it; `since` is its Query's too. `asked_at`: when it was asked,
    None where that is not known.
    """

    question: str
    cited: tuple[str, ...] = ()
    since: datetime | None = None
    asked_at: datetime | None = None

    def __post_init__(self) -> None:
        require_utc("since", self.since)
        require_utc("asked_at", self.asked_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What a person typed, when and where; `now` hides everything published later.

    `live_blog`, `live_blogs` and `sources` name what may be searched, all three at once; None: no bound.

    `leave_out`: updates that were shown already. `since`: where the scope begins, whatever the words say ("since
    then"). `asked_at`: when the question was first asked, if earlier; its phrase of time is reckoned from there.
    """

    text: str
    now: datetime
    zone: str = "UTC"
    limit: int = 10
    live_blog: str | None = None
    live_blogs: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    previous: Previous | None = None
    leave_out: tuple[str, ...] = ()
    since: datetime | None = None
    asked_at: datetime | None = None

    def __post_init__(self) -> None:
        require_utc("now", self.now)
        require_utc("since", self.since)
        require_utc("asked_at", self.asked_at)
        if self.limit < 1:
            raise ValueError(f"limit must be at least 1, not {self.limit}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """A Question understood. `text` is what is searched for, without its time phrase; `question` what was asked.

    `question` stands alone: of a follow-up it holds the words taken over. The last three are the Question's.
    `scope_strict`: False where the phrase may be about the event rather than its report, so that the
    search prefers the scope and does not filter by it. `as_of`: only what stood at that moment counts.
    `anchor`: the words of an event that the answer stands before or after (`anchor_side`).
    """

    text: str
    now: datetime
    zone: str
    intent: Intent = Intent.FACT
    scope: TimeScope | None = None
    limit: int = 10
    live_blog: str | None = None
    live_blogs: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None
    scope_strict: bool = True
    as_of: datetime | None = None
    anchor: str = ""
    anchor_side: Literal["", "before", "after"] = ""
    question: str = ""
    leave_out: tuple[str, ...] = ()
    since: datetime | None = None
    asked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A passage id and one retriever's score for it, higher is better."""

    passage_id: int
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """Where a quote stands. `update_id` is the source's entry key, `update_no` ours."""

    update_id: str
    update_no: int
    revision: int
    title: str
    kind: Kind
    live_blog: str
    live_blog_title: str
    source: str
    url: str | None
    published_at: datetime
    time_basis: TimeBasis
    time_precision: Precision
    edited: bool
    modified_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Excerpt:
    """A verbatim quote: `text` is its revision's text[span.start:span.end]."""

    text: str
    span: Span
    citation: Citation
    score: float
    label: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Nearest:
    """An update that came near, in rank order, before the decision to answer or abstain."""

    citation: Citation
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class AsOf:
    """How fresh an answer is: the newest time known at `now`, and our last look at a source."""

    newest_published_at: datetime | None
    newest_precision: Precision = Precision.MINUTE
    last_checked_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Excerpts in order, or an abstention with what came nearest.

    `more`: how many further updates are worth showing. `scope_empty`: nothing at all was published in the scope.
    """

    query: Query
    status: Status
    confidence: float
    as_of: AsOf
    excerpts: tuple[Excerpt, ...] = ()
    nearest: tuple[Nearest, ...] = ()
    newest: Citation | None = None
    more: int = 0
    scope_empty: bool = False


EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
