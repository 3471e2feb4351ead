"""Time zones as people name them: by a city in their language, out of a list, or by the time on their clock.

Pure; Babel knows what cities are called.
"""

import re
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from bot.texts import ENGLISH, chosen, locale_of

# From west to east, so that a list of them reads like a map.
COMMON = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Chicago",
    "America/Mexico_City", "America/New_York", "America/Bogota", "America/Halifax", "America/Caracas",
    "America/Santiago", "America/St_Johns", "America/Sao_Paulo", "America/Argentina/Buenos_Aires", "Atlantic/Azores",
    "UTC", "Europe/Lisbon", "Europe/Dublin", "Europe/London", "Africa/Lagos", "Europe/Madrid", "Europe/Paris",
    "Europe/Zurich", "Europe/Rome", "Europe/Berlin", "Europe/Vienna", "Europe/Stockholm", "Europe/Warsaw",
    "Africa/Johannesburg", "Europe/Athens", "Europe/Helsinki", "Europe/Bucharest", "Europe/Kyiv", "Africa/Cairo",
    "Asia/Jerusalem", "Europe/Istanbul", "Europe/Minsk", "Europe/Moscow", "Africa/Nairobi", "Asia/Baghdad",
    "Asia/Riyadh", "Asia/Tehran", "Asia/Tbilisi", "Asia/Yerevan", "Asia/Baku", "Asia/Dubai", "Asia/Kabul",
    "Asia/Karachi", "Asia/Tashkent", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Almaty", "Asia/Dhaka", "Asia/Bangkok",
    "Asia/Jakarta", "Asia/Shanghai", "Asia/Hong_Kong", "Asia/Singapore", "Australia/Perth", "Asia/Manila",
    "Asia/Seoul", "Asia/Tokyo", "Australia/Adelaide", "Australia/Brisbane", "Australia/Sydney", "Pacific/Auckland",
)  # fmt: skip

# The zones of ours that Babel before 2.19, as CLDR did, has under an older name.
_AS_CLDR_HAS_IT: Mapping[str, str] = MappingProxyType(
    {
        "America/Argentina/Buenos_Aires": "America/Buenos_Aires",
        "Asia/Kathmandu": "Asia/Katmandu",
        "Asia/Kolkata": "Asia/Calcutta",
        "Europe/Kyiv": "Europe/Kiev",
    }
)
_CLOCK = re.compile(r"(?<!\d)([01]?\d|2[0-3])[:.h]([0-5]\d)(?!\d)\s*([ap])?\.?m?\b", re.IGNORECASE)
_DAY_MINUTES = 24 * 60
# Offsets are whole quarters of an hour, so that a clock that is a few minutes off still tells which.
_CLOCK_MAY_BE_OFF_MINUTES = 7


def clock_in(text: str) -> int | None:
    """Read the one time of day in a text ("my time is 08:40"), in minutes since midnight; None where there is none."""
    found = _CLOCK.findall(text)
    if len(found) != 1:
        return None
    hour, minute, half = int(found[0][0]), int(found[0][1]), found[0][2].lower()
    if half and not 1 <= hour <= 12:
        return None
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    return 60 * hour + minute


def showing(clock: int, now: datetime) -> tuple[str, ...]:
    """Return the common zones whose clocks show about this at `now`, from west to east."""
    return tuple(zone for zone in COMMON if _apart(clock, _minutes(now, zone)) <= _CLOCK_MAY_BE_OFF_MINUTES)


def named(text: str, *, language: str = ENGLISH) -> str | None:
    """Return the zone of a city as a language calls it ("Київ", "New York"); None where it names none, or several."""
    return _by_city(chosen(language)).get(" ".join(text.casefold().split()))


def city(zone: str, *, language: str = ENGLISH) -> str:
    """Say a zone as people do: its city."""
    zones = locale_of(language).time_zones
    known = zones.get(zone) or zones.get(_AS_CLDR_HAS_IT.get(zone, zone), {})
    return str(known.get("city") or zone.rpartition("/")[2].replace("_", " "))


@cache
def _by_city(language: str) -> dict[str, str]:
    """Know every city that one zone only, or one of the common zones, is called after."""
    found: dict[str, set[str]] = {}
    for zone in available_timezones():
        if "/" in zone and not zone.startswith("Etc/"):
            found.setdefault(city(zone, language=language).casefold(), set()).add(zone)
    return {name: chosen_zone for name, zones in found.items() if (chosen_zone := _one_of(zones))}


def _one_of(zones: set[str]) -> str:
    best = (zones & set(COMMON)) or zones
    return best.pop() if len(best) == 1 else ""


def _minutes(now: datetime, zone: str) -> int:
    local = now.astimezone(ZoneInfo(zone))
    return 60 * local.hour + local.minute


def _apart(one: int, other: int) -> int:
    """Count the minutes between two times of day, the short way round midnight."""
    gap = abs(one - other)
    return min(gap, _DAY_MINUTES - gap)
