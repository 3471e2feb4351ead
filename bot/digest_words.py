"""What a person typed after /subscribe: "weekdays 07:30 Kyiv short", "topics floods", "my time is 08:40". Pure.

Words are understood in English and in the reader's language, with or without accents.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, time

from bot import times, zones
from bot.schedule import Days, Quiet
from bot.settings_reading import SeveralZonesError
from bot.smalltalk import bare
from bot.subscriptions import DigestChoice, EmptyDay, Length
from bot.texts import ENGLISH, line

_TOPICS = 5
_TOPIC_CHARS = 80
_CLOCK = re.compile(r"(?<!\d)\d{1,2}[:.h]\d{2}\s*(?:[ap]\.?m\b\.?)?", re.IGNORECASE)
_HOURS = re.compile(r"(\d{1,2}[:.]\d{2})\s*[-–—]\s*(\d{1,2}[:.]\d{2})")
# What stands between what was said.
_LINKS = re.compile(r"^(?:(?:in|at)\b[\s,]*)+|\s*\b(?:in|at)$", re.IGNORECASE)
_OFF = ("off", "none", "-")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What was chosen; `unread`: words that mean nothing to us."""

    choice: DigestChoice
    quiet: Quiet | None
    unread: str = ""


def read(text: str, choice: DigestChoice, quiet: Quiet | None, *, language: str, now: datetime) -> Wish:
    """Change a choice by words. Raises: SeveralZonesError where a time of day leaves a choice."""
    words = " ".join(text.split())
    kept = Wish(choice=choice, quiet=quiet)
    if (rest := _after(words, "topics", language)) is not None:
        return replace(kept, choice=replace(choice, topics=_topics(rest, language)))
    if (rest := _after(words, "quiet", language)) is not None:
        return _quieted(kept, rest, language)
    if (rest := _after(words, "picture", language)) is not None and rest.casefold() in ("", "on", *_OFF):
        return replace(kept, choice=replace(choice, picture=rest.casefold() not in _OFF))
    if (rest := _after(words, "my_time", language)) is not None:
        return _by_clock(kept, rest, now)
    return _by_word(kept, words, language)


def _after(words: str, key: str, language: str) -> str | None:
    """Return what follows a word of ours at the beginning; None where it does not begin so."""
    for spoken in (language, ENGLISH):
        name = line(f"digest_{key}", language=spoken).casefold()
        for typed in (name, bare(name)):
            if words.casefold().startswith(typed):
                return words[len(typed) :].lstrip(" :=")
    return None


def _topics(text: str, language: str) -> tuple[str, ...]:
    every = {"all", line("settings_all", language=language).casefold()}
    named = [topic.strip()[:_TOPIC_CHARS] for topic in text.split(",")]
    return tuple(dict.fromkeys(topic for topic in named if topic and topic.casefold() not in every))[:_TOPICS]


def _quieted(kept: Wish, text: str, language: str) -> Wish:
    if text.casefold() in (*_OFF, line("digest_quiet_none", language=language).casefold()):
        return replace(kept, quiet=None)
    found = _HOURS.search(text)
    clocks = [None if found is None else zones.clock_in(part) for part in (found.groups() if found else ())]
    if len(clocks) != 2 or clocks[0] is None or clocks[1] is None:
        return replace(kept, unread=text or "?")
    since, until = (time(minutes // 60, minutes % 60) for minutes in clocks if minutes is not None)
    return replace(kept, quiet=Quiet(since=since, until=until, zone=kept.choice.rhythm.zone))


def _by_clock(kept: Wish, text: str, now: datetime) -> Wish:
    """Find the zone whose clocks show a time."""
    clock = zones.clock_in(text)
    found = () if clock is None else zones.showing(clock, now)
    if len(found) > 1:
        raise SeveralZonesError(found)
    return in_zone(kept, found[0]) if found else replace(kept, unread=text or "?")


def in_zone(kept: Wish, zone: str) -> Wish:
    """Move a choice, and its quiet hours, into a zone."""
    choice = replace(kept.choice, rhythm=replace(kept.choice.rhythm, zone=zone))
    return replace(kept, choice=choice, quiet=replace(kept.quiet, zone=zone) if kept.quiet else None)


def _by_word(kept: Wish, words: str, language: str) -> Wish:
    found = _CLOCK.findall(words)
    if len(found) == 1 and (clock := zones.clock_in(found[0])) is not None:
        kept = replace(kept, choice=_at(kept.choice, time(clock // 60, clock % 60)))
        words = " ".join(_CLOCK.sub(" ", words).split())
    for name, changed in sorted(_names(language).items(), key=lambda named: -len(named[0])):
        pattern = re.compile(rf"(?<!\w){re.escape(name)}(?!\w)", re.IGNORECASE)
        if pattern.search(words):
            kept, words = replace(kept, choice=_with(kept.choice, *changed)), " ".join(pattern.sub(" ", words).split())
    place = _LINKS.sub("", words).strip(" ,.;")
    if not place:
        return kept
    zone = zones.named(place, language=language) or zones.named(place) or (place if times.known_zone(place) else None)
    return in_zone(kept, zone) if zone else replace(kept, unread=place)


def picked(kept: Wish, field: str, value: str) -> Wish:
    """Change one thing as a button says it. Raises: ValueError for what no button of ours says."""
    if field == "zone":
        if not times.known_zone(value):
            raise ValueError(f"no zone: {value}")
        return in_zone(kept, value)
    if field == "quiet":
        return replace(kept, quiet=Quiet.read(f"{value} {kept.choice.rhythm.zone}") if value else None)
    return replace(kept, choice=_with(kept.choice, field, value))


def _with(choice: DigestChoice, field: str, value: str) -> DigestChoice:
    match field:
        case "time":
            return _at(choice, time.fromisoformat(value))
        case "days":
            return replace(choice, rhythm=replace(choice.rhythm, days=Days(value)))
        case "length":
            return replace(choice, length=Length(value))
        case "empty":
            return replace(choice, empty_day=EmptyDay(value))
        case "picture":
            return replace(choice, picture={"on": True, "off": False}[value])
        case "topics":
            return replace(choice, topics=())
        case _:
            raise ValueError(f"no such thing to choose: {field}")


def _at(choice: DigestChoice, at: time) -> DigestChoice:
    return replace(choice, rhythm=replace(choice.rhythm, at=at))


def _names(language: str) -> dict[str, tuple[str, str]]:
    """Name what can be chosen by a word."""
    names: dict[str, tuple[str, str]] = {}
    for field, values in (("days", Days), ("length", Length), ("empty", EmptyDay)):
        for value in (each.value for each in values):
            spoken = [line(f"digest_{field}_{value}", language=each) for each in (language, ENGLISH)]
            names |= dict.fromkeys([name.casefold() for name in (value, *spoken)], (field, value))
    # A bare "on" or "off" is about nothing.
    for value in ("on", "off"):
        spoken = [line(f"digest_picture_{value}", language=each) for each in (language, ENGLISH)]
        names |= dict.fromkeys([name.casefold() for name in spoken], ("picture", value))
    return {bare(name): chosen for name, chosen in names.items()} | names
