"""When a digest is due and when a message may be sent: local times to the minute, across clock changes. Pure.

A local time that a clock change skips counts by the offset before the change, one that it doubles the first time
(RFC 5545); a day that the calendar leaves out has no digest. What is due is told by moments that strictly increase.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

_DAY = timedelta(days=1)
_WEEKEND = (5, 6)
# Between two weekdays lie at most three days; a day left out and a clock set far may add two more on each side.
_REACH = 9


class Days(StrEnum):
    """On which days."""

    DAILY = "daily"
    WEEKDAYS = "weekdays"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rhythm:
    """A local time of day, to the minute, on some days in a zone."""

    at: time
    zone: str = "UTC"
    days: Days = Days.DAILY

    def __post_init__(self) -> None:
        if self.at.tzinfo or self.at.second or self.at.microsecond:
            raise ValueError(f"not a local time to the minute: {self.at}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """Hours in which nothing is sent unasked: [since, until) by the clocks of a zone, over midnight or not.

    The same time twice is no quiet at all.
    """

    since: time
    until: time
    zone: str = "UTC"

    @classmethod
    def read(cls, text: str) -> "Quiet":
        """Read what `str` wrote. Raises: ValueError."""
        hours, _, zone = text.partition(" ")
        since, _, until = hours.partition("-")
        return cls(since=time.fromisoformat(since), until=time.fromisoformat(until), zone=zone)

    def __str__(self) -> str:
        return f"{self.since:%H:%M}-{self.until:%H:%M} {self.zone}"

    def holds_at(self, moment: datetime) -> bool:
        """Tell whether a moment lies in it."""
        clock = moment.astimezone(ZoneInfo(self.zone)).time()
        if self.since <= self.until:
            return self.since <= clock < self.until
        return clock >= self.since or clock < self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """What is due now: the window's end, and when the next one is due."""

    window_until: datetime
    next_due_at: datetime


def next_due(rhythm: Rhythm, after: datetime) -> datetime:
    """Return the first moment strictly after another at which a rhythm is due, in UTC."""
    first = _local_day(after, rhythm.zone) - 2 * _DAY
    return next(moment for moment in _moments(rhythm, first, _DAY) if moment > after)


def last_due(rhythm: Rhythm, until: datetime) -> datetime:
    """Return the last moment, not after another, at which a rhythm was due, in UTC."""
    last = _local_day(until, rhythm.zone) + 2 * _DAY
    return next(moment for moment in _moments(rhythm, last, -_DAY) if moment <= until)


def due_turn(rhythm: Rhythm, *, next_due_at: datetime, now: datetime) -> Turn | None:
    """Tell what is due at `now`; None before `next_due_at`.

    However many were missed, it is one: the window reaches from where the last one ended to the last moment that was
    due. A clock that was set back finds nothing due until it is beyond where the last window ended.
    """
    if now < next_due_at:
        return None
    # After a change of zone or time the moment that was promised may lie after the last one of the new rhythm.
    until = max(next_due_at, last_due(rhythm, now))
    return Turn(window_until=until, next_due_at=next_due(rhythm, max(now, until)))


def due_after_change(rhythm: Rhythm, *, window_since: datetime, now: datetime) -> datetime:
    """Return when a rhythm that was just chosen is first due: after now, and after the window that was already told."""
    return next_due(rhythm, max(now, window_since))


def strayed(rhythm: Rhythm, *, next_due_at: datetime, now: datetime) -> bool:
    """Tell whether a clock that went far ahead has promised a moment that a right clock would not: days too late."""
    return next_due_at > next_due(rhythm, next_due(rhythm, now)) + _DAY


def sendable_at(moment: datetime, quiet: Quiet | None) -> datetime:
    """Return when, from a moment on, something may be sent: at once, or when the quiet hours that hold it end."""
    if quiet is None or not quiet.holds_at(moment):
        return moment
    ends = _ends(quiet, _local_day(moment, quiet.zone))
    return next(end for end in ends if end > moment and not quiet.holds_at(end))


def _moments(rhythm: Rhythm, day: date, step: timedelta) -> Iterator[datetime]:
    """Go through the moments of a rhythm from a day on, or back from it."""
    zone = ZoneInfo(rhythm.zone)
    for _ in range(_REACH):
        wanted = datetime.combine(day, rhythm.at)
        moment = wanted.replace(tzinfo=zone).astimezone(UTC)
        # What a skipped hour moves is shown a little later, what a skipped day moves a day later.
        exists = moment.astimezone(zone).replace(tzinfo=None) - wanted < _DAY
        if exists and (rhythm.days is Days.DAILY or day.weekday() not in _WEEKEND):
            yield moment
        day += step


def _ends(quiet: Quiet, day: date) -> list[datetime]:
    zone = ZoneInfo(quiet.zone)
    days = (day + n * _DAY for n in range(-1, 4))
    local = (datetime.combine(each, quiet.until, tzinfo=zone).replace(fold=fold) for each in days for fold in (0, 1))
    return sorted(end.astimezone(UTC) for end in local)


def _local_day(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
