"""Pure calendar arithmetic: named days, parts of days, weeks and clocks as stretches of local time.

Every stretch is reckoned on the wall of one zone, so a day of a clock change has its 23 or 25 hours.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from index.types import Citation, Precision, TimeScope
from index.vocabulary import PART_HOURS

DAY = timedelta(days=1)
HALF_DAY_HOURS = 12
_SHORTEST_DAY = timedelta(hours=23)


class Grain(StrEnum):
    """What a stretch was named by; a *date* or *weekday* may be the event's rather than its report's."""

    CLOCK = "clock"
    PART = "part"
    DAY = "day"
    WEEKDAY = "weekday"
    DATE = "date"
    PERIOD = "period"
    MONTH = "month"
    ELASTIC = "elastic"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """Half-open UTC interval and its name's grain; a clock's has no length. `day` is its first local date."""

    since: datetime
    until: datetime
    grain: Grain
    day: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """When and where the asker stands; `now` is UTC."""

    now: datetime
    zone: ZoneInfo

    @property
    def today(self) -> date:
        """The asker's date."""
        return self.now.astimezone(self.zone).date()


_DAWN = 5 * 60  # until then a clock of the night is on the day after


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """A time of day as written. `twelve`: it may be twelve hours later too ("at 9"); `half`: its half is written."""

    minutes: int
    twelve: bool = False
    half: bool = False
    zone: ZoneInfo | None = None

    def shifted(self, part: str) -> "Clock":
        """Return the clock as a part of the day fixes it: 9 in the evening is 21, 2 of the night is on the next day."""
        noon, minutes = HALF_DAY_HOURS * 60, self.minutes
        if part in ("night", "overnight") and (minutes < _DAWN or (minutes == noon and not self.half)):
            minutes += 2 * noon if minutes < _DAWN else noon
        elif part in ("afternoon", "evening", "night", "overnight") and not self.half and 60 <= minutes < noon:
            minutes += noon
        return Clock(minutes=minutes, zone=self.zone)


def day_of(at: datetime) -> date:
    """Find the day whose midnight, in a zone that is not known, is this moment.

    Midnight falls between 10:15 UTC of the day before (Chatham Islands) and 10:00 UTC (Hawaii), so the
    nearest midnight is found without the zone.
    """
    return (at + timedelta(hours=13, minutes=45)).date()


def local_day(at: datetime, zone: str) -> date:
    """Return the date that a zone's calendars show; at the ends of the calendar that of UTC."""
    try:
        return at.astimezone(ZoneInfo(zone)).date()
    except OverflowError:
        return at.date()


def may_lie_within(scope: TimeScope, zone: str, day: date) -> bool:
    """Tell whether what is known by its day alone may be from within a range."""
    first = None if scope.since is None else local_day(scope.since, zone)
    last = None if scope.until is None else local_day(scope.until - timedelta(microseconds=1), zone)
    return (first is None or first <= day) and (last is None or day <= last)


def may_lie_outside(scope: TimeScope | None, citation: Citation, *, zone: str, now: datetime) -> bool:
    """Tell whether an update known by its day alone may be from outside of a range that is shorter than a day."""
    if citation.time_precision is not Precision.DAY or scope is None or scope.since is None:
        return False
    if (scope.until or now) - scope.since >= _SHORTEST_DAY:
        return False
    day = day_of(citation.published_at)
    whole = whole_days(day, day, ZoneInfo(zone), Grain.DAY)
    return scope.since > whole.since or (scope.until is not None and scope.until < whole.until)


def wall(day: date, minutes: int, zone: ZoneInfo) -> datetime:
    """Return in UTC what the zone's clocks call that many minutes of the day; 1440 is the next midnight."""
    days, rest = divmod(minutes, 24 * 60)
    return datetime.combine(day + days * DAY, time(rest // 60, rest % 60), tzinfo=zone).astimezone(UTC)


def whole_days(first: date, last: date, zone: ZoneInfo, grain: Grain) -> Stretch:
    """Return the stretch from the first day's midnight to the last day's end."""
    return Stretch(since=wall(first, 0, zone), until=wall(last + DAY, 0, zone), grain=grain, day=first)


def part_of_day(day: date, part: str, here: Here, grain: Grain = Grain.PART) -> Stretch:
    """Return a part of that day; the morning of today begins at midnight while it is younger than morning."""
    first, last = PART_HOURS[part]
    since, until = wall(day, first * 60, here.zone), wall(day, last * 60, here.zone)
    if part == "morning" and since > here.now and day == here.today:
        since = wall(day, 0, here.zone)
    return Stretch(since=since, until=until, grain=grain, day=day)


def fixed_part(offset: int, part: str, here: Here) -> Stretch:
    """Return a phrase such as "last night"; in the small hours "tonight" began on the day before."""
    day = here.today + offset * DAY
    hour = here.now.astimezone(here.zone).hour
    if part == "evening" and offset == 0 and hour < PART_HOURS["morning"][0]:
        return part_of_day(day - DAY, "night", here)
    if part == "evening" and offset == 0:
        return Stretch(
            since=wall(day, PART_HOURS["evening"][0] * 60, here.zone),
            until=wall(day + DAY, 0, here.zone),
            grain=Grain.PART,
            day=day,
        )
    return part_of_day(day, part, here)


def weekday_before(today: date, weekday: int, *, today_counts: bool = True) -> date:
    """Return the most recent day of that weekday (Monday is 0)."""
    back = (today.weekday() - weekday) % 7
    return today - timedelta(days=back if back or today_counts else 7)


def date_without_year(here: Here, month: int, day: int) -> date | None:
    """Return the most recent such date not after tomorrow; None for a day that the month never has."""
    for year in range(here.today.year + 1, here.today.year - 8, -1):
        try:
            found = date(year, month, day)
        except ValueError:
            continue
        if found <= here.today + DAY:
            return found
    return None


def whole_month(year: int, month: int, zone: ZoneInfo) -> Stretch:
    """Return a calendar month."""
    first = date(year, month, 1)
    following = date(year + month // 12, month % 12 + 1, 1)
    return whole_days(first, following - DAY, zone, Grain.MONTH)


def named_period(name: str, offset: int, here: Here) -> Stretch:
    """Return a week (from Monday), weekend, month or year, this one or one before."""
    today = here.today
    if name == "week":
        first = today - timedelta(days=today.weekday() - 7 * offset)
        return whole_days(first, first + 6 * DAY, here.zone, Grain.PERIOD)
    if name == "weekend":
        running = today.weekday() >= 5
        first = weekday_before(today, 5) + timedelta(weeks=offset if running else 0)
        return whole_days(first, first + DAY, here.zone, Grain.PERIOD)
    if name == "year":
        return whole_days(date(today.year, 1, 1), date(today.year, 12, 31), here.zone, Grain.PERIOD)
    months = today.year * 12 + today.month - 1 + offset
    found = whole_month(months // 12, months % 12 + 1, here.zone)
    return Stretch(since=found.since, until=found.until, grain=Grain.PERIOD, day=found.day)


def clock_on(clock: Clock, day: date | None, here: Here) -> Stretch:
    """Return the moment a clock names: on that day, or the most recent one not after now."""
    zone = clock.zone or here.zone
    moment = wall(day, clock.minutes, zone) if day is not None else _latest(clock, here.now, zone)
    return Stretch(since=moment, until=moment, grain=Grain.CLOCK, day=day)


def clock_after(clock: Clock, start: datetime, here: Here) -> datetime:
    """Return the first moment after `start` at which the clock shows that."""
    zone = clock.zone or here.zone
    day = start.astimezone(zone).date()
    moment = wall(day, clock.minutes, zone)
    return moment if moment > start else wall(day + DAY, clock.minutes, zone)


def _latest(clock: Clock, now: datetime, zone: ZoneInfo) -> datetime:
    today = now.astimezone(zone).date()
    shown = [clock.minutes]
    if clock.twelve:
        shown.append((clock.minutes + HALF_DAY_HOURS * 60) % (24 * 60))
    moments = [wall(day, minutes, zone) for day in (today, today - DAY) for minutes in shown]
    return max(moment for moment in moments if moment <= now)
