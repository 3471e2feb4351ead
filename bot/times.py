"""How a moment is written for a reader: in a zone, and never with a clock where only the day is known. Pure."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from index import Precision, local_day
from index import day_of as day_of

_UNITS = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def known_zone(name: str) -> bool:
    """Tell whether the tz database knows a zone of this name."""
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def moment(at: datetime, zone: str, precision: Precision = Precision.MINUTE) -> str:
    """Write "24 October 2024, 14:05 BST", or "24 October 2024 (day only)" where no clock time is known."""
    if precision is Precision.DAY:
        return f"{written(day_of(at))} (day only)"
    local = at.astimezone(ZoneInfo(zone))
    return f"{written(local.date())}, {local:%H:%M} {zone_label(local)}"


def span(since: datetime | None, until: datetime | None, zone: str) -> str:
    """Write the half-open range [since, until); the day of the end is left out where it is that of the start.

    Whole days are named as days: the midnight that ends a range belongs to the day before.
    """
    if since and until and _is_midnight(since, zone) and _is_midnight(until, zone):
        first, last = _local(since, zone).date(), _local(until, zone).date() - timedelta(days=1)
        label = zone_label(_local(since, zone))
        return f"{written(first)} ({label})" if first == last else f"{written(first)} to {written(last)} ({label})"
    if since and until:
        same = _local(since, zone).date() == _local(until, zone).date()
        end = f"{_local(until, zone):%H:%M} {zone_label(_local(until, zone))}" if same else moment(until, zone)
        return f"{moment(since, zone)} to {end}"
    if since:
        return f"since {moment(since, zone)}"
    return f"before {moment(until, zone)}" if until else ""


def ago(at: datetime, now: datetime) -> str:
    """Write how long ago something was, in its largest unit: "2 minutes ago"."""
    return "just now" if (now - at).total_seconds() < 60 else f"{_amount((now - at).total_seconds())} ago"


def age(at: datetime, now: datetime, zone: str, precision: Precision = Precision.MINUTE) -> str:
    """Write how old something is, in its largest unit: "13 hours"; in whole days where only the day is known."""
    if precision is Precision.DAY:
        return _amount((local_day(now, zone) - day_of(at)).total_seconds())
    return _amount((now - at).total_seconds())


def _amount(seconds: float) -> str:
    unit, length_s = next((pair for pair in _UNITS if seconds >= pair[1]), _UNITS[-1])
    amount = int(seconds // length_s)
    return f"{amount} {unit}{'' if amount == 1 else 's'}"


def written(day: date) -> str:
    """Write "24 October 2024"."""
    return f"{day.day} {day:%B %Y}"


def zone_label(local: datetime) -> str:
    """Name the offset of a local time: its abbreviation, or "UTC+03" where the zone has none."""
    label = local.tzname() or ""
    return label if label[:1].isalpha() else f"UTC{label}"


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def _is_midnight(at: datetime, zone: str) -> bool:
    local = _local(at, zone)
    return (local.hour, local.minute, local.second) == (0, 0, 0)
