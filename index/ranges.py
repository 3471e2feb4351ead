"""Reads the two ends of a stretch of time: "9 and 11am", "Friday to Sunday", "3 and 5 August".

Pure. The ends share what only one of them says: the half of the day, the month, the day.
"""

import re
from datetime import datetime, timedelta

from index import moments, phrases
from index.moments import Grain, Here

_RANGE_LINK = re.compile(
    r"\s*(?:[-–—]|\s(?:and|und|та|і|й|и|y|et|to|until|till|through|bis|до|по|hasta|a|à)\s)\s*(?:las\s+|el\s+|le\s+)?",
    re.I,
)
_NOW = re.compile(r"(?:right\s+)?now\b|jetzt\b|зараз\b|сейчас\b|ahora\b|maintenant\b", re.I)
_SHARED_HOURS = re.compile(
    r"(?P<first>\d{1,2})(?:[:.]\d\d)?\s*(?:[-–—]|and|to|until|till|und|та|і|и|до|y|et|bis|a|à)\s*(?=\d)", re.I
)
_SHARED_DATES = re.compile(
    r"(?P<first>\d{1,2})(?:st|nd|rd|th|\.)?\s*(?:[-–—]|and|to|until|und|та|і|и|до|y|et|bis|al?|au)\s*(?=\d)", re.I
)

_LONGEST_NIGHT = timedelta(hours=16)  # from 17:00 to 9:00


def read_pair(text: str, at: int, here: Here) -> tuple[int, datetime, datetime, Grain] | None:
    """Read both ends and the word between them; return where they end, the interval in UTC and its grain.

    A range that is written the wrong way round ends before it begins.
    """
    first = phrases.read_moment(text, at, here) or _shared_hour(text, at, here) or _shared_date(text, at, here)
    link = _RANGE_LINK.match(text, first[0]) if first else None
    if first is None or link is None:
        return None
    if now := _NOW.match(text, link.end()):
        return now.end(), first[1].since, here.now, first[1].grain
    if first[1].grain is Grain.CLOCK:
        return _close_clocks(text, first, link.end(), here)
    last = phrases.read_moment(text, link.end(), here)
    if last is None:
        return None
    begun = first[1].since
    if begun > last[1].since and first[1].grain is Grain.WEEKDAY:
        begun = moments.wall(begun.astimezone(here.zone).date() - timedelta(days=7), 0, here.zone)
    return last[0], begun, last[1].until, last[1].grain


def _close_clocks(text: str, first: phrases.Found, at: int, here: Here) -> tuple[int, datetime, datetime, Grain] | None:
    """Read the later clock of a range, with the day that may follow it."""
    begun = first[1].since
    read = phrases.read_clock(text, at, here)
    whole = phrases.read_moment(text, at, here)
    if whole is None:
        return None
    if read is None or whole[1].day is None:
        closed = _closing(read[1], begun, here, day_named=first[1].day is not None) if read else whole[1].until
        return (read[0] if read else whole[0]), begun, closed, Grain.CLOCK
    local = begun.astimezone(here.zone)
    if first[1].day is None:
        begun = moments.wall(whole[1].day, local.hour * 60 + local.minute, here.zone)
        if begun > whole[1].since and whole[1].since - begun + moments.DAY <= _LONGEST_NIGHT:
            begun -= moments.DAY
    return whole[0], begun, whole[1].since, Grain.CLOCK


def _closing(clock: moments.Clock, begun: datetime, here: Here, *, day_named: bool) -> datetime:
    """Return when a range that begins then closes: past midnight only where that is a night, or its day was named."""
    shown = (clock, moments.Clock(minutes=(clock.minutes + 720) % 1440, zone=clock.zone)) if clock.twelve else (clock,)
    closed = min(moments.clock_after(one, begun, here) for one in shown)
    return closed if day_named or closed - begun <= _LONGEST_NIGHT else closed - moments.DAY


def _shared_hour(text: str, at: int, here: Here) -> phrases.Found | None:
    """Read the 9 of "9 and 11am": the second clock says what the first is; "9 and 11 people" has no clock."""
    match = _SHARED_HOURS.match(text, at)
    second = phrases.read_clock(text, match.end(), here) if match else None
    if match is None or second is None or int(match["first"]) > 23:
        return None
    hours = int(match["first"])
    zone = second[1].zone or here.zone
    afternoon = not second[1].twelve and second[1].minutes >= 12 * 60 and ":" not in text[at : second[0]]
    if (
        afternoon
        and hours < 12
        and (hours + 12) * 60 < second[1].minutes
        and re.search(r"p\.?m", text[at : second[0]], re.I)
    ):
        hours += 12
    clock = moments.Clock(minutes=hours * 60, zone=zone)
    end = match.start() + len(match["first"])
    return end, moments.clock_on(clock, None, here)


def _shared_date(text: str, at: int, here: Here) -> phrases.Found | None:
    """Read the 3 of "3 and 5 August"."""
    match = _SHARED_DATES.match(text, at)
    second = phrases.read_day(text, match.end(), here) if match else None
    if match is None or second is None or second[2] is not Grain.DATE:
        return None
    try:
        day = second[1].replace(day=int(match["first"]))
    except ValueError:
        return None
    return match.end("first"), moments.whole_days(day, day, here.zone, Grain.DATE)
