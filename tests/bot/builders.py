"""Builders for what the tests of the conversation start from. Everything happens on an invented 4 May 2031."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.types import Incoming, Place
from index import (
    Answer,
    ArchiveStatus,
    AsOf,
    Citation,
    Excerpt,
    Intent,
    Kind,
    Nearest,
    Precision,
    Query,
    SourceStatus,
    Span,
    Status,
    TimeBasis,
    TimeScope,
)

NOW = datetime(2031, 5, 4, 12, 0, tzinfo=UTC)
PUBLISHED = datetime(2031, 5, 4, 9, 30, tzinfo=UTC)


def make_incoming(
    text: str = "How many ferries sailed?",
    *,
    place: Place = Place.PRIVATE,
    command: str | None = None,
    addressee: str = "",
    chat_id: int = 7,
    user_id: int | None = 7,
    message_id: int = 1,
    reply_to_us: bool = False,
    reply_to_message_id: int | None = None,
    reply_to_text: str = "",
    edited: bool = False,
    language: str = "en",
) -> Incoming:
    return Incoming(
        chat_id=chat_id,
        message_id=message_id,
        place=place,
        text=text,
        sent_at=NOW,
        command=command,
        addressee=addressee,
        user_id=user_id,
        reply_to_us=reply_to_us,
        reply_to_message_id=reply_to_message_id,
        reply_to_text=reply_to_text,
        edited=edited,
        language=language,
    )


def make_citation(
    key: str = "e1",
    *,
    number: int = 1,
    title: str = "Ferry runs again",
    source: str = "Harbour Gazette",
    url: str | None = "https://www.example.org/blog#e1",
    published_at: datetime = PUBLISHED,
    time_basis: TimeBasis = TimeBasis.OWN,
    time_precision: Precision = Precision.MINUTE,
    edited: bool = False,
    modified_at: datetime | None = None,
) -> Citation:
    return Citation(
        update_id=key,
        update_no=number,
        revision=1,
        title=title,
        kind=Kind.UPDATE,
        live_blog="harbour",
        live_blog_title="The harbour, live",
        source=source,
        url=url,
        published_at=published_at,
        time_basis=time_basis,
        time_precision=time_precision,
        edited=edited,
        modified_at=modified_at,
    )


def make_excerpt(
    text: str = "Nine ferries sailed before noon.",
    *,
    citation: Citation | None = None,
    score: float = 0.87654321,
    label: str = "",
    start: int = 4,
) -> Excerpt:
    span = Span(start=start, end=start + len(text))
    return Excerpt(text=text, span=span, citation=citation or make_citation(), score=score, label=label)


def make_answer(
    *excerpts: Excerpt,
    question: str = "How many ferries sailed?",
    now: datetime = NOW,
    scope: TimeScope | None = None,
    nearest: Sequence[Citation] = (),
    newest: Citation | None = None,
    confidence: float = 0.75,
    as_of: AsOf | None = None,
    intent: Intent = Intent.FACT,
    more: int = 0,
    scope_empty: bool = False,
) -> Answer:
    """Return an answer, or an abstention where no excerpt is given."""
    return Answer(
        query=Query(text=question, now=now, zone="UTC", scope=scope, intent=intent),
        status=Status.ANSWERED if excerpts else Status.ABSTAINED,
        confidence=confidence,
        as_of=as_of or AsOf(newest_published_at=PUBLISHED, last_checked_at=NOW - timedelta(minutes=2)),
        excerpts=excerpts,
        nearest=tuple(Nearest(citation=citation, score=0.5) for citation in nearest),
        newest=newest,
        more=more,
        scope_empty=scope_empty,
    )


def make_status(*sources: SourceStatus) -> ArchiveStatus:
    return ArchiveStatus(
        sources=sources,
        live_blogs=1,
        updates=5,
        revisions=6,
        passages=9,
        pending=2,
        index_bytes=1_500_000,
        encoder="fake/3",
        engine="exact",
    )


def make_source(
    name: str = "Harbour Gazette",
    *,
    newest: datetime | None = PUBLISHED,
    checked: datetime | None = NOW - timedelta(minutes=3),
    error: str | None = None,
    interval_s: float | None = 60.0,
) -> SourceStatus:
    return SourceStatus(
        name=name,
        updates=5,
        newest_published_at=newest,
        last_checked_at=checked,
        last_error=error,
        interval_s=interval_s,
    )
