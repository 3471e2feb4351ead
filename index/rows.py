"""Rows of news.db as values: moments as microseconds, passages as the VectorIndex follows them, revisions, citations.

Pure: holds no SQL and no connection.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from index.reports import SourceStatus
from index.types import EPOCH, Citation, Kind, Known, Precision, Revision, TimeBasis
from index.views import LiveBlogView

FOREVER = 2**63 - 1
_MICROSECOND = timedelta(microseconds=1)


def to_us(moment: datetime) -> int:
    """Microseconds since 1970 of an aware time."""
    return (moment - EPOCH) // _MICROSECOND


def from_us(value: int) -> datetime:
    """Return the aware UTC time of a count of microseconds since 1970."""
    return EPOCH + value * _MICROSECOND


class PassageRow(NamedTuple):
    """A passage as the VectorIndex follows it: the characters [start, end) of a revision's text.

    It stands in [valid_from, valid_until), microseconds. `vector` is None until it is encoded: little-endian float32.
    """

    id: int
    update_no: int
    revision: int
    start: int
    end: int
    live_blog_no: int
    published_us: int
    valid_from_us: int
    valid_until_us: int
    vector: bytes | None


class NewsRow(NamedTuple):
    """An update that changed since some change: its numbers, and the first and last revision it got since."""

    update_no: int
    live_blog_no: int
    first: int
    last: int


def as_int(value: object) -> int:
    """Return a column that is an integer."""
    return int(value)  # type: ignore[call-overload, no-any-return]


def as_bytes(value: object) -> bytes:
    """Return a column that is a blob."""
    return bytes(value)  # type: ignore[call-overload, no-any-return]


def as_text(value: object) -> str | None:
    """Return a column of text that may be null."""
    return None if value is None else str(value)


def as_moment(value: object) -> datetime | None:
    """Return a column of microseconds since 1970 that may be null."""
    return None if value is None else from_us(as_int(value))


def to_us_or_none(moment: datetime | None) -> int | None:
    """Microseconds since 1970 of an aware time that may be unknown."""
    return None if moment is None else to_us(moment)


def read_known(row: Sequence[object]) -> Known:
    """Read a row of `Store.known`, whose first column is the update's key."""
    _, no, published, basis, precision, modified, url, live_blog, number, content_hash, effective, withdrawn = row
    return Known(
        update_no=as_int(no),
        published_at=from_us(as_int(published)),
        time_basis=TimeBasis(str(basis)),
        time_precision=Precision(str(precision)),
        modified_at=as_moment(modified),
        url=as_text(url),
        live_blog=str(live_blog),
        number=as_int(number),
        content_hash=str(content_hash),
        effective_at=from_us(as_int(effective)),
        withdrawn=bool(withdrawn),
    )


def read_source_status(row: Sequence[object]) -> SourceStatus:
    """Read a row of `Lookup.source_statuses`."""
    name, updates, newest, precision, checked, error, interval = row
    return SourceStatus(
        name=str(name),
        updates=as_int(updates),
        newest_published_at=as_moment(newest),
        newest_precision=Precision(str(precision)) if precision else Precision.MINUTE,
        last_checked_at=as_moment(checked),
        last_error=as_text(error),
        interval_s=None if interval is None else float(str(interval)),
    )


def read_live_blog(row: Sequence[object]) -> LiveBlogView:
    """Read a row of `Lookup.live_blogs`."""
    key, title, source, updates, newest, closed = row
    return LiveBlogView(
        key=str(key),
        title=str(title),
        source=str(source),
        updates=as_int(updates),
        newest_published_at=as_moment(newest),
        closed=None if closed is None else bool(closed),
    )


def read_revision(row: Sequence[object]) -> Revision:
    """Read a row of `Lookup.revisions` as the revision."""
    return Revision(
        update_no=as_int(row[0]),
        number=as_int(row[1]),
        title=str(row[2]),
        text=str(row[3]),
        kind=Kind(str(row[4])),
        content_hash=str(row[5]),
        seen_at=from_us(as_int(row[6])),
        effective_at=from_us(as_int(row[7])),
        withdrawn=bool(row[8]),
    )


def _modified(row: Sequence[object]) -> datetime | None:
    """Return when this revision's text was last edited: the update's own edit time may be that of a later revision."""
    modified, replaced_at = as_moment(row[14]), as_moment(row[18])
    if modified is None or replaced_at is None or modified < replaced_at:
        return modified
    return from_us(as_int(row[7])) if as_int(row[1]) > 1 else None


def read_citation(row: Sequence[object]) -> Citation:
    """Read a row of `Lookup.revisions` as the citation of a quote from that revision."""
    modified = _modified(row)
    return Citation(
        update_id=str(row[9]),
        update_no=as_int(row[0]),
        revision=as_int(row[1]),
        title=str(row[2]),
        kind=Kind(str(row[4])),
        live_blog=str(row[15]),
        live_blog_title=str(row[16]),
        source=str(row[17]),
        url=as_text(row[10]),
        published_at=from_us(as_int(row[11])),
        time_basis=TimeBasis(str(row[12])),
        time_precision=Precision(str(row[13])),
        edited=modified is not None or as_int(row[1]) > 1,
        modified_at=modified,
    )
