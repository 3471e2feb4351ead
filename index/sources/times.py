"""Times as sources write them -> aware UTC with a precision. Never completes what was not written.

Pure. A day without a clock is midnight in the source's zone and says so; what cannot be read is None.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from index.types import Precision

_FIRST_YEAR = 1990  # older is a default value (1970, 0001), not the time of a live entry
_LAST_YEAR = 2200
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "january jan januar jänner janvier janv enero ene gennaio gen janeiro januari stycznia січня января",
            "february feb februar février févr febrero febbraio fevereiro fev februari lutego лютого февраля",
            "march mar märz mrz mars marzo março maart marca березня марта",
            "april apr avril avr abril abr aprile kwietnia квітня апреля",
            "may mai mayo maggio mag maio mei maja травня мая",
            "june jun juni juin junio giugno giu junho czerwca червня июня",
            "july jul juli juillet juil julio luglio lug julho lipca липня июля",
            "august aug août agosto ago augustus sierpnia серпня августа",
            "september sep sept septembre septiembre settembre set setembro września вересня сентября",
            "october oct oktober okt octobre octubre ottobre ott outubro out października жовтня октября",
            "november nov novembre noviembre novembro listopada листопада ноября",
            "december dec dezember dez décembre déc diciembre dic dicembre dezembro grudnia грудня декабря",
        ),
        start=1,
    )
    for name in names.split()
}
_OFFSETS_H = {
    "utc": 0, "gmt": 0, "z": 0, "bst": 1, "cet": 1, "cest": 2, "mez": 1, "mesz": 2, "eet": 2, "eest": 3, "msk": 3,
    "wet": 0, "west": 1, "est": -5, "edt": -4, "cdt": -5, "mdt": -6, "pst": -8, "pdt": -7, "akst": -9, "akdt": -8,
    "hst": -10, "cat": 2, "eat": 3, "sast": 2, "trt": 3, "pkt": 5, "npt": 5.75, "wib": 7, "hkt": 8, "sgt": 8, "awst": 8,
    "jst": 9, "kst": 9, "acst": 9.5, "acdt": 10.5, "aest": 10, "aedt": 11, "nzst": 12, "nzdt": 13,
}  # fmt: skip
_IN_SMALL_LETTERS = frozenset("utc gmt z bst cet cest".split())  # "west", "eat" and French "est" are words
_NAME = "(" + "|".join(sorted(_MONTHS, key=len, reverse=True)) + r")\b\.?"
_CLOCK = (
    r"(?:,?\s*(?:at|um|à|a las|alle|às|om|о|в|[-–—|·])?\s*(\d{1,2})[:.](\d{2})(?::\d{2})?"
    r"\s*([ap]\.?m\b\.?)?(?:\s*([A-Za-z]{1,4})\b)?)?"
)
_WRITTEN = re.compile(
    rf"(?<!\d)(?:(\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+)?{_NAME},?\s+(?:de\s+)?(\d{{4}})"
    rf"|{_NAME}\s+(\d{{1,2}})(?:st|nd|rd|th)?,?\s+(\d{{4}})"
    r"|(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4})|(\d{1,2})/(\d{1,2})/(\d{4}))"
    rf"(?!\d){_CLOCK}",
    re.IGNORECASE,
)
_RFC822 = re.compile(r"\s*(?:[A-Za-z]{3,9},?\s+)?\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}\s+\d{1,2}:\d{2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A time as written: the instant, the calendar day its writer named, and how exact it is.

    With precision *day* `at` is that day's midnight in the source's zone.
    """

    at: datetime
    day: date
    precision: Precision
    midnight: bool = False

    def as_day(self, zone: ZoneInfo) -> "Moment":
        """Keep the day only, as it was written."""
        return _of_day(self.day, zone)

    def as_day_seen_in(self, zone: ZoneInfo) -> "Moment":
        """Keep the day only, as a clock in the source's zone showed it."""
        return self if self.precision is Precision.DAY else _of_day(self.at.astimezone(zone).date(), zone)


def parse(value: object, zone: ZoneInfo) -> Moment | None:
    """Read one time: ISO 8601, RFC 822, seconds or milliseconds since 1970, or a written date.

    A time without an offset is in `zone`. Returns: None where the value is missing, absurd or ambiguous.
    """
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, int | float):
        return _of_epoch(value)
    if not isinstance(value, str) or len(value) > 120:
        return None
    text = value.strip()
    if re.fullmatch(r"\d{10}|\d{13}", text, re.ASCII):
        return _of_epoch(int(text))
    return _of_iso(text, zone) or _of_rfc822(text, zone) or _only(find(text, zone), text)


def find(text: str, zone: ZoneInfo) -> Iterator[tuple[int, int, Moment]]:
    """Find the written dates in a line, with their clock where one follows.

    Yields: start, end and the moment; dates that could be read two ways (3/4/2024) are passed over.
    """
    for match in _WRITTEN.finditer(text):
        day = _written_day(match)
        if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
            continue
        clock = _written_clock(match, day, zone)
        if clock is not None:
            yield match.start(), match.end(), _of_datetime(clock)
        else:
            end = match.start(16) if match.group(16) else match.end()
            yield match.start(), min(end, match.end()), _of_day(day, zone)


def _only(found: Iterator[tuple[int, int, Moment]], text: str) -> Moment | None:
    moments = list(found)
    if len(moments) != 1 or moments[0][1] - moments[0][0] < len(text) // 2:
        return None
    return moments[0][2]


def _of_epoch(value: float) -> Moment | None:
    if not math.isfinite(value) or abs(value) > 1e14:
        return None
    seconds = value / 1000 if abs(value) > 1e11 else value
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    return _of_datetime(moment) if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None


def _of_iso(text: str, zone: ZoneInfo) -> Moment | None:
    try:
        if len(text) <= 10:
            day = date.fromisoformat(text)
            return _of_day(day, zone) if _FIRST_YEAR <= day.year <= _LAST_YEAR else None
        moment = datetime.fromisoformat(text.replace(" UTC", "Z").replace(" +", "+"))
    except ValueError:
        return None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    return _of_datetime(moment if moment.tzinfo else moment.replace(tzinfo=zone))


def _of_rfc822(text: str, zone: ZoneInfo) -> Moment | None:
    if not _RFC822.match(text):
        return None
    name = text.rsplit(None, 1)[-1].lower()
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
        return None
    if moment.tzinfo is None:
        hours = _OFFSETS_H.get(name)
        if hours is None and name[0].isalpha():
            return _of_day(moment.date(), zone)  # IST is three zones: the clock is worthless, the day is still good
        known = UTC if name == "-0000" else None if hours is None else timezone(timedelta(hours=hours))
        moment = moment.replace(tzinfo=known or zone)
    return _of_datetime(moment)


def _written_day(match: re.Match[str]) -> date | None:
    part = match.group
    try:
        if part(3):
            return date(int(part(3)), _MONTHS[part(2).lower()], int(part(1)))
        if part(6):
            return date(int(part(6)), _MONTHS[part(4).lower()], int(part(5)))
        if part(7):
            return date(int(part(7)), int(part(8)), int(part(9)))
        if part(10):
            return date(int(part(12)), int(part(11)), int(part(10)))
        first, second, year = int(part(13)), int(part(14)), int(part(15))
        if first > 12:
            return date(year, second, first)
        return date(year, first, second) if second > 12 or first == second else None
    except (ValueError, KeyError):
        return None


def _written_clock(match: re.Match[str], day: date, zone: ZoneInfo) -> datetime | None:
    if match.group(16) is None:
        return None
    hour, minute = int(match.group(16)), int(match.group(17))
    half = (match.group(18) or "").lower()
    name = (match.group(19) or "").lower()
    if half:
        hour = hour % 12 + (12 if half.startswith("p") else 0)
    if hour > 23 or minute > 59:
        return None
    moment = datetime.combine(day, time(hour, minute))
    if name in _OFFSETS_H and (match.group(19).isupper() or name in _IN_SMALL_LETTERS):
        return moment.replace(tzinfo=timezone(timedelta(hours=_OFFSETS_H[name])))
    # A zone we do not know makes the clock worthless; the day is still good.
    return None if match.group(19) and match.group(19).isupper() else moment.replace(tzinfo=zone)


def _of_datetime(moment: datetime) -> Moment:
    midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return Moment(at=moment.astimezone(UTC), day=moment.date(), precision=Precision.MINUTE, midnight=midnight)


def _of_day(day: date, zone: ZoneInfo) -> Moment:
    at = datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)
    return Moment(at=at, day=day, precision=Precision.DAY)
