"""Reads one name of a time at one place of a text: a clock, a day, a part of a day, a week, "two hours ago".

Pure. What stands around the name ("since", "the attack on") is for `scopes` to judge.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from index import moments
from index.moments import Clock, Grain, Here, Stretch
from index.vocabulary import (
    AMBIGUOUS_MONTHS,
    CLOCK_WORDS,
    FIXED,
    MONTHS,
    NUMBERS,
    PARTS,
    PERIODS,
    RELATIVE_DAYS,
    UNITS,
    WEEKDAY_ABBREVIATIONS,
    WEEKDAYS,
    ZONES,
    alternation,
    rows,
)

Found = tuple[int, Stretch]
"""Where the phrase ends, and what it names."""

_FLAGS = re.IGNORECASE
_WEEKDAY_NUMBERS = rows((*WEEKDAYS,)) | rows(WEEKDAY_ABBREVIATIONS)
_MONTH_NUMBERS = rows(MONTHS, 1)
_UNIT_NAMES = {word: unit for unit, words in UNITS.items() for word in words.split()}
_CAPITAL_ZONES = ("et", "pt", "ct", "est", "pst", "cst")
_MONTH = alternation(_MONTH_NUMBERS)
_NUMBER = rf"(?:\d{{1,3}}|{alternation(NUMBERS)})"
_UNIT = alternation(_UNIT_NAMES)
_LAST = (
    r"last|past|previous|letzten?|vergangenen|останн(?:і|ю|іх|ні|є)|последн(?:ие|ий|юю|их|ее)|derni(?:er|ère)s?|"
    r"(?:las|los|la|el)\s+últim[oa]s?|últim[oa]s?"
)

_ZONE = re.compile(
    rf"\s*\(?(?P<zone>{alternation(z for z in ZONES if z not in _CAPITAL_ZONES)}|"
    rf"(?-i:{alternation(z.upper() for z in _CAPITAL_ZONES)}))\b\)?",
    _FLAGS,
)
_CLOCK = re.compile(
    rf"(?P<word>{alternation(CLOCK_WORDS)})\b"
    r"|(?P<h>\d{1,2})(?:"
    r"(?:[:.](?P<m>[0-5]\d))?\s?(?P<half>[ap])\.?\s?m\b\.?"
    r"|\s?o'?\s?clock\b"
    r"|(?P<full>[:.](?P<m2>[0-5]\d)(?![\d:.]\d)(?:\s?(?:uhr|hrs|h)\b)?"
    r"|\s?uhr\b(?:\s(?P<m3>[0-5]\d)\b)?"
    r"|\s?(?:годин[иіау]|час(?:ов|а)?)\b"
    r"|\s?h(?:(?P<m4>[0-5]\d))?\b)"
    r"|(?=\s+(?:in\s+the\s+(?:morning|afternoon|evening)|at\s+night|утра|вечера|ранку|вечора|morgens|abends|nachmittags|"
    r"de\s+la\s+(?:mañana|tarde|noche)|du\s+(?:matin|soir))\b))(?!\w|%)",
    _FLAGS,
)
_BARE_HOUR = re.compile(r"(?P<h>\d{1,2})(?=\s*[?!.]*\s*$)")
_HOUR_OF_DAY = re.compile(r"\d{1,2}(?=\s+\w)")
_NOT_A_CLOCK = re.compile(
    r"\s*(?:%|per\b|percent|degrees|°|million|billion|bn\b|km|kg|metres|meters|miles|points?\b|euros?|dollars)", _FLAGS
)
_PART_AFTER_CLOCK = re.compile(
    r"\s+(?:(?:in\s+the|at)\s+(?P<en>morning|afternoon|evening|night)|(?P<other>morgens|abends|nachmittags|"
    r"утра|дня|вечера|ночи|ранку|вечора|ночі|de\s+la\s+mañana|de\s+la\s+tarde|de\s+la\s+noche|du\s+matin|du\s+soir))\b",
    _FLAGS,
)
_PART_OF_DAY = re.compile(
    rf"(?:the\s+)?(?:(?:early|late)\s+)?(?:hours\s+of\s+)?(?:(?P<part>{alternation(PARTS)})\s+(?:of|on|am|du)|"
    r"(?<=hours of))\s+",
    _FLAGS,
)
_PART = re.compile(
    rf"\s+(?:(?:at|am|au|in\s+the|in\s+der|on\s+the)\s+)?(?:(?:early|late)\s+)?(?P<part>{alternation(PARTS)})\b", _FLAGS
)
_FIXED = re.compile(rf"(?:(?:early|late|earlier|later)\s+)?(?P<fixed>{alternation(FIXED)})\b", _FLAGS)
_PERIOD = re.compile(rf"(?:earlier\s+)?(?P<period>{alternation(PERIODS)})\b(?!\s+of\b)", _FLAGS)
_RELATIVE = re.compile(rf"(?:(?:earlier|early|late)\s+)?(?P<day>{alternation(RELATIVE_DAYS)})\b", _FLAGS)
_WEEKDAY = re.compile(
    r"(?:(?P<which>last|this\s+past|past|this|letzten|vergangenen|diesen|минулого|минулої|цього|прошл(?:ый|ую|ое)|"
    rf"el\s+pasado|le|la)\s+)?(?P<name>{alternation(_WEEKDAY_NUMBERS)})\b"
    r"(?P<after>\s+(?:pasado|dernier))?",
    _FLAGS,
)
_DATE = re.compile(
    rf"(?:(?:{alternation(_WEEKDAY_NUMBERS)})\.?,?\s+(?:the\s+|den\s+)?)?(?:"
    rf"(?:the\s+|den\s+|el\s+|le\s+)?(?P<d1>\d{{1,2}})(?:st|nd|rd|th|er|\.|-го)?\s+(?:of\s+|de\s+)?"
    rf"(?P<m1>{_MONTH})\b\.?(?:,?\s+(?:de\s+)?(?P<y1>(?:19|20)\d\d)\b)?"
    rf"|(?P<m2>{_MONTH})\b\.?\s+(?:the\s+)?(?P<d2>\d{{1,2}})(?:st|nd|rd|th)?\b(?![:.]\d|-\d)"
    r"(?:,?\s+(?P<y2>(?:19|20)\d\d)\b)?"
    r"|(?P<y3>(?:19|20)\d\d)-(?P<m3>\d\d)-(?P<d3>\d\d)\b"
    r"|(?P<d4>\d{1,2})(?P<sep>[./])(?P<m4>\d{1,2})(?P=sep)(?P<y4>(?:19|20)\d\d)\b"
    r"|(?P<d5>\d{1,2})\.(?P<m5>[01]\d)\.(?!\d))",
    _FLAGS,
)
_MONTH_ALONE = re.compile(
    rf"(?:(?P<which>last|this)\s+)?(?P<name>{alternation(w for w in _MONTH_NUMBERS if len(w) > 3 or w == 'may')})\b"
    r"(?:,?\s+(?:of\s+|de\s+)?(?P<year>(?:19|20)\d\d)\b)?",
    _FLAGS,
)
_ELASTIC = re.compile(
    rf"(?:(?:in|over|during|within|for|im|in\s+den|за|en|dans|au\s+cours\s+de)\s+)?(?:(?:the|den|die|der|l[ea]s?|ces)\s+)?"
    rf"(?:(?:{_LAST})\s+(?:(?P<n>{_NUMBER})[\s-]+)?(?:of\s+an\s+|d'|de\s+)?|(?P<fr>{_NUMBER})\s+derni[eè]re?s\s+)(?P<unit>{_UNIT})\b(?P<half>\s+and\s+a\s+half\b)?"
    r"(?!\s+(?:of|de|des|du|before|when)\b)",
    _FLAGS,
)
_AGO = re.compile(
    rf"(?:about\s+|around\s+|some\s+)?(?:(?P<n>{_NUMBER})\s+(?:of\s+an\s+)?(?P<unit>{_UNIT})\s+(?:ago|тому|назад)\b"
    rf"|(?:vor|hace|il\s+y\s+a)\s+(?P<n2>{_NUMBER})\s+(?P<unit2>{_UNIT})\b"
    r"|(?P<bare>годину\s+тому|час\s+назад))",
    _FLAGS,
)
_AT = re.compile(r",?\s+(?:(?:at|um|о|об|в|à|a\s+las|around|about)\s+)?", _FLAGS)
_ON = re.compile(r",?\s+(?:(?:on|of|am|у|в|во|el|le|on\s+the)\s+)?", _FLAGS)
_MONTHS_IN_SMALL_LETTERS = {"mai", "mars", "май", "мая", "марта"}  # behind a number they are nothing else
_SECONDS = {"minute": 60, "quarter_hour": 900, "half_hour": 1800, "hour": 3600, "day": 86400, "week": 7 * 86400}
_OTHER_PARTS = {
    "nachmittags": "afternoon", "abends": "evening", "дня": "afternoon", "вечера": "evening", "вечора": "evening",
    "ночи": "night", "ночі": "night",
    "de la tarde": "afternoon", "de la noche": "night", "du soir": "evening",
}  # fmt: skip


def fold(words: str) -> str:
    """Return words as the tables' keys are written."""
    return " ".join(words.casefold().split())


def read_clock(text: str, at: int, here: Here, *, bare: bool = False) -> tuple[int, Clock] | None:
    """Read a time of day; `bare`: a lone hour that ends the text ("at 9?") is one too."""
    match = _CLOCK.match(text, at)
    if match is None or _NOT_A_CLOCK.match(text, match.end()):
        return _read_bare_hour(text, at) if bare else None
    clock = _clock_of(match)
    if clock is None:
        return None
    end = match.end()
    zone = None
    if hint := _ZONE.match(text, end):
        name = ZONES.get(fold(hint["zone"]))
        zone = ZoneInfo(name) if name else here.zone if name is not None else None
        end = hint.end() if zone else end
    if part := _PART_AFTER_CLOCK.match(text, end):
        named = part["en"] or _OTHER_PARTS.get(fold(part["other"]), "morning")
        clock, end = clock.shifted(named.lower()), part.end()
    return end, replace(clock, zone=zone)


def _clock_of(match: re.Match[str]) -> Clock | None:
    if match["word"]:
        hours = CLOCK_WORDS.get(fold(match["word"]))
        return None if hours is None else Clock(minutes=hours * 60)
    hours = int(match["h"])
    minutes = int(match["m"] or match["m2"] or match["m3"] or match["m4"] or 0)
    if match["half"]:
        if not 1 <= hours <= 12:
            return None
        hours = hours % 12 + (12 if match["half"] in "pP" else 0)
        return Clock(minutes=hours * 60 + minutes, half=True)
    if hours > 24 or (hours == 24 and minutes):
        return None
    return Clock(minutes=hours * 60 + minutes, twelve=match["full"] is None and 1 <= hours <= 12)


def _read_bare_hour(text: str, at: int) -> tuple[int, Clock] | None:
    match = _BARE_HOUR.match(text, at)
    if match is None or int(match["h"]) > 23:
        return None
    hours = int(match["h"])
    return match.end(), Clock(minutes=hours * 60, twelve=1 <= hours <= 12 and not match["h"].startswith("0"))


def read_day(text: str, at: int, here: Here) -> tuple[int, date, Grain] | None:
    """Read a single day: "yesterday", "last Thursday", "3 August 2024"."""
    if match := _RELATIVE.match(text, at):
        offset = RELATIVE_DAYS.get(fold(match["day"]))
        return None if offset is None else (match.end(), here.today + timedelta(days=offset), Grain.DAY)
    if match := _DATE.match(text, at):
        dated = _date_of(match, here)
        return None if dated is None else (match.end(), dated, Grain.DATE)
    if match := _WEEKDAY.match(text, at):
        return _weekday_of(match, here)
    return None


def _date_of(match: re.Match[str], here: Here) -> date | None:
    groups = match.groupdict()
    day = int(next(groups[f"d{n}"] for n in range(1, 6) if groups[f"d{n}"]))
    written = next(groups[f"m{n}"] for n in range(1, 6) if groups[f"m{n}"])
    if (
        written in AMBIGUOUS_MONTHS - _MONTHS_IN_SMALL_LETTERS
        and not groups["y1"]
        and not groups["y2"]
        and groups["m1"]
    ):
        return None  # "5 may have": only a capital makes the month
    month = int(written) if written.isdecimal() else _MONTH_NUMBERS.get(fold(written), 0)
    year = next((groups[f"y{n}"] for n in range(1, 5) if groups[f"y{n}"]), None)
    if month > 12 >= day and groups["sep"] == "/":
        day, month = month, day
    if year is None:
        return moments.date_without_year(here, month, day)
    try:
        return date(int(year), month, day)
    except ValueError:
        return None


def _weekday_of(match: re.Match[str], here: Here) -> tuple[int, date, Grain] | None:
    number = _WEEKDAY_NUMBERS.get(fold(match["name"]))
    if number is None:
        return None
    which = fold(match["which"] or "")
    last = (
        bool(match["after"]) or which in ("last", "past", "this past") or which.startswith(("letz", "минул", "прошл"))
    )
    day = moments.weekday_before(here.today, number, today_counts=not last)
    if which in ("this", "diesen", "цього") and day.isocalendar()[:2] != here.today.isocalendar()[:2]:
        return None  # this week's is still to come
    return match.end(), day, Grain.WEEKDAY


def names_day(text: str, at: int, here: Here) -> bool:
    """Tell whether a day is named first: "yesterday at 9", but not "9 yesterday", which may be Route 9."""
    return _FIXED.match(text, at) is not None or read_day(text, at, here) is not None


def read_moment(text: str, at: int, here: Here, *, bare: bool = False) -> Found | None:
    """Read a clock, a day, a part of one, or a week; with `bare` also a lone hour at the end."""
    readers: tuple[Callable[[str, int, Here], Found | None], ...] = (_read_fixed, _read_part, _read_period, _read_dated)
    for reader in readers:
        if found := reader(text, at, here):
            return found
    return _read_clocked(text, at, here, bare=bare)


def _read_fixed(text: str, at: int, here: Here) -> Found | None:
    match = _FIXED.match(text, at)
    known = FIXED.get(fold(match["fixed"])) if match else None
    if match is None or known is None:
        return None
    stretch = moments.fixed_part(*known, here)
    clocked = _clock_behind(text, match.end())
    if clocked and stretch.day and (read := read_clock(text, clocked, here)):
        return read[0], moments.clock_on(read[1].shifted(known[1]), stretch.day, here)
    return match.end(), stretch


def _clock_behind(text: str, end: int) -> int | None:
    match = _AT.match(text, end)
    return match.end() if match else None


def _read_part(text: str, at: int, here: Here) -> Found | None:
    match = _PART_OF_DAY.match(text, at)
    day = read_day(text, match.end(), here) if match else None
    if match is None or day is None:
        return None
    part = PARTS.get(fold(match["part"])) if match["part"] else "morning"
    return None if part is None else (day[0], moments.part_of_day(day[1], part, here, day[2]))


def _read_period(text: str, at: int, here: Here) -> Found | None:
    match = _PERIOD.match(text, at)
    known = PERIODS.get(fold(match["period"])) if match else None
    if match is None or known is None:
        return None
    return match.end(), moments.named_period(*known, here)


def _read_dated(text: str, at: int, here: Here) -> Found | None:
    day = read_day(text, at, here)
    if day is None:
        return None
    end, named, grain = day
    part = _PART.match(text, end)
    part_name = PARTS.get(fold(part["part"])) if part else None
    if part and part_name:
        end = part.end()
    behind = _clock_behind(text, end)
    if behind and (read := read_clock(text, behind, here)):
        clock = read[1].shifted(part_name or "")
        return read[0], moments.clock_on(clock if part_name else read[1], named, here)
    if part_name:
        return end, moments.part_of_day(named, part_name, here, Grain.PART if grain is Grain.DAY else grain)
    return end, moments.whole_days(named, named, here.zone, grain)


def _read_clocked(text: str, at: int, here: Here, *, bare: bool) -> Found | None:
    read = read_clock(text, at, here, bare=bare) or _read_hour_of_day(text, at)
    if read is None:
        return None
    end, clock = read
    there = Here(now=here.now, zone=clock.zone or here.zone)
    if link := _ON.match(text, end):
        if (fixed := _FIXED.match(text, link.end())) and (known := FIXED.get(fold(fixed["fixed"]))):
            day = moments.fixed_part(*known, there).day
            return fixed.end(), moments.clock_on(clock.shifted(known[1]), day, there)
        if dated := read_day(text, link.end(), there):
            part = _PART.match(text, dated[0])
            name = PARTS.get(fold(part["part"])) if part else None
            clock = clock.shifted(name) if name else clock
            return (part.end() if part and name else dated[0]), moments.clock_on(clock, dated[1], there)
    return end, moments.clock_on(clock, None, there)


def _read_hour_of_day(text: str, at: int) -> tuple[int, Clock] | None:
    """Read a lone hour that a named day follows: "9 yesterday", "9 on Sunday", "9 tonight"."""
    match = _HOUR_OF_DAY.match(text, at)
    if match is None or int(match[0]) > 23:
        return None
    link = _ON.match(text, match.end())
    behind = link.end() if link else match.end()
    if _FIXED.match(text, behind) or _RELATIVE.match(text, behind) or _WEEKDAY.match(text, behind):
        return match.end(), Clock(minutes=int(match[0]) * 60, twelve=1 <= int(match[0]) <= 12)
    return None


def read_month(text: str, at: int, here: Here) -> Found | None:
    """Read a month by name, with or without its year; the caller has seen its preposition."""
    match = _MONTH_ALONE.match(text, at)
    month = _MONTH_NUMBERS.get(fold(match["name"])) if match else None
    if match is None or month is None:
        return None
    year = int(match["year"]) if match["year"] else here.today.year - (month > here.today.month)
    if fold(match["which"] or "") == "last" and month == here.today.month and not match["year"]:
        year -= 1
    rest = text[match.end() :].strip(" ?!.")
    if match["name"] in AMBIGUOUS_MONTHS and rest and not match["year"]:
        return None
    return match.end(), moments.whole_month(year, month, here.zone)


def read_elastic(text: str, at: int, here: Here) -> Found | None:
    """Read "in the last two hours": a length of time that ends now."""
    match = _ELASTIC.match(text, at)
    unit = _UNIT_NAMES.get(fold(match["unit"])) if match else None
    if match is None or unit is None:
        return None
    number = match["n"] or match["fr"]
    if number is None and (unit in ("minute", "month") or fold(match["unit"]).endswith("s")):
        return None  # "the last minute" is a match's, "the last days" have no length
    if number is None and fold(match[0].split()[0]) in ("last", "previous", "the"):
        return None
    count = _count(number or "1") + (0.5 if match["half"] else 0)
    length = timedelta(seconds=count * _SECONDS.get(unit, 30 * 86400))
    return match.end(), Stretch(since=here.now - length, until=here.now, grain=Grain.ELASTIC)


def _count(number: str) -> float:
    return float(number) if number.isdecimal() else NUMBERS.get(fold(number), 1)


def read_ago(text: str, at: int, here: Here) -> Found | None:
    """Read "two days ago" (that day) or "an hour ago" (the time around it)."""
    match = _AGO.match(text, at)
    if match is None:
        return None
    number, unit = match["n"] or match["n2"] or "1", match["unit"] or match["unit2"] or "hour"
    name = _UNIT_NAMES.get(fold(unit))
    if name is None or name == "month":
        return None
    seconds = _count(number) * _SECONDS[name]
    if name == "day":
        day = here.today - timedelta(days=round(_count(number)))
        return match.end(), moments.whole_days(day, day, here.zone, Grain.ELASTIC)
    slack = timedelta(seconds=max(min(seconds, max(_SECONDS[name], 3600)) / 2, 300))
    moment = here.now - timedelta(seconds=seconds)
    return match.end(), Stretch(since=moment - slack, until=min(moment + slack, here.now), grain=Grain.ELASTIC)
