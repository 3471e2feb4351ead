"""How a moment is written for a reader: in a zone and a language, and never with a clock where only the day is known.

Pure. Babel writes dates and amounts, `texts` the words between them; clocks have 24 hours everywhere.
"""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.texts import ENGLISH, line, locale_of
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


def moment(at: datetime, zone: str, precision: Precision = Precision.MINUTE, *, language: str = ENGLISH) -> str:
    """Write "24 October 2024, 14:05 BST", or "24 October 2024 (day only)" where no clock time is known."""
    if precision is Precision.DAY:
        return line("day_only", language=language, day=written(day_of(at), language=language))
    local = _local(at, zone)
    return f"{written(local.date(), language=language)}, {_clock(local)}"


def span(since: datetime | None, until: datetime | None, zone: str, *, language: str = ENGLISH) -> str:
    """Write the half-open range [since, until); the day of the end is left out where it is that of the start.

    Whole days are named as days: the midnight that ends a range belongs to the day before.
    """
    if since and until:
        days = _is_midnight(since, zone) and _is_midnight(until, zone)
        return (_days if days else _clocks)(_local(since, zone), _local(until, zone), language)
    if since and _is_midnight(since, zone):
        shown = f"{written(_local(since, zone).date(), language=language)} ({zone_label(_local(since, zone))})"
        return line("span_since", language=language, since=shown)
    if since:
        return line("span_since", language=language, since=moment(since, zone, language=language))
    return line("span_before", language=language, until=moment(until, zone, language=language)) if until else ""


def ago(at: datetime, now: datetime, *, language: str = ENGLISH) -> str:
    """Write how long ago something was, in its largest unit: "2 minutes ago"."""
    from babel.dates import format_timedelta

    seconds = (now - at).total_seconds()
    if seconds < 60:
        return line("just_now", language=language)
    amount, unit, length_s = _amount(seconds)
    passed = timedelta(seconds=-amount * length_s)
    # An endless threshold holds Babel to the unit: no weeks, no rounding up.
    return format_timedelta(
        passed,
        granularity=unit,  # type: ignore[arg-type]
        threshold=float("inf"),
        add_direction=True,
        locale=locale_of(language),
    )


def age(
    at: datetime, now: datetime, zone: str, precision: Precision = Precision.MINUTE, *, language: str = ENGLISH
) -> str:
    """Write how old something is, in its largest unit: "13 hours"; in whole days where only the day is known."""
    from babel.units import format_unit

    passed = local_day(now, zone) - day_of(at) if precision is Precision.DAY else now - at
    amount, unit, _ = _amount(passed.total_seconds())
    return str(format_unit(amount, f"duration-{unit}", locale=locale_of(language)))


def written(day: date, *, language: str = ENGLISH) -> str:
    """Write "24 October 2024"."""
    from babel.dates import format_date

    return format_date(day, format="long", locale=locale_of(language))


def zone_label(local: datetime) -> str:
    """Name the offset of a local time: its abbreviation, or "UTC+03" where the zone has none.

    In every language the tz database's: Babel has names for few zones, and bare offsets for the rest.
    """
    label = local.tzname() or ""
    return label if label[:1].isalpha() else f"UTC{label}"


def _days(since: datetime, until: datetime, language: str) -> str:
    first, last = since.date(), until.date() - timedelta(days=1)
    shown = {"first": written(first, language=language), "last": written(last, language=language)}
    if first == last:
        return line("span_day", language=language, day=shown["first"], zone=zone_label(since))
    return line("span_days", language=language, zone=zone_label(since), **shown)


def _clocks(since: datetime, until: datetime, language: str) -> str:
    first, last = (f"{written(local.date(), language=language)}, {_clock(local)}" for local in (since, until))
    if since.date() == until.date():
        return line("span_clock", language=language, since=first, until=_clock(until))
    return line("span", language=language, since=first, until=last)


def _clock(local: datetime) -> str:
    return f"{local:%H:%M} {zone_label(local)}"


def _amount(seconds: float) -> tuple[int, str, int]:
    unit, length_s = next((pair for pair in _UNITS if seconds >= pair[1]), _UNITS[-1])
    return int(seconds // length_s), unit, length_s


def _local(at: datetime, zone: str) -> datetime:
    return at.astimezone(ZoneInfo(zone))


def _is_midnight(at: datetime, zone: str) -> bool:
    local = _local(at, zone)
    return (local.hour, local.minute, local.second) == (0, 0, 0)
