"""What a preposition makes of a time: "before noon" bounds a question, "by noon" asks how things stood then. Pure."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from index.moments import Grain, Here, Stretch
from index.types import TimeScope


class Relation(StrEnum):
    """How a preposition ties the question to a time."""

    WITHIN = "within"
    SINCE = "since"
    AFTER = "after"
    BEFORE = "before"
    UNTIL = "until"
    BY = "by"
    AS_OF = "as_of"
    AT = "at"
    AROUND = "around"


@dataclass(frozen=True, slots=True, kw_only=True)
class Phrase:
    """A time phrase found at text[start:end], with what it means for publication."""

    start: int
    end: int
    grain: Grain
    relation: Relation
    scope: TimeScope | None = None
    as_of: datetime | None = None
    strict: bool = True


_PREPOSITIONS: tuple[tuple[Relation, str], ...] = (
    (Relation.SINCE, r"(?:ever\s+)?since(?:\s+about)?|starting\s+(?:from|at)|from|seit(?:dem)?|ab|від|"
                     r"починаючи\s+з|з|із|начиная\s+с|со?|desde(?:\s+(?:las?|el))?|depuis(?:\s+le)?|à\s+partir\s+de"),
    (Relation.AFTER, r"(?:any\s+time\s+)?after|later\s+than|nach|після|после|después\s+de(?:\s+las?|l)?|après"),
    (Relation.BEFORE, r"before|prior\s+to|earlier\s+than|ahead\s+of|vor|перед|antes\s+de(?:\s+las?|l)?|avant"),
    (Relation.UNTIL, r"until|till|up\s+(?:to|until|till)|bis(?:\s+zum)?|до|hasta(?:\s+(?:las?|el))?|jusqu'(?:à|au)"),
    (Relation.BY, r"(?:as\s+)?by"),
    (Relation.AS_OF, r"as\s+(?:of|at)|stand|станом\s+на|по\s+состоянию\s+на"),
    (Relation.AROUND, r"(?:at\s+)?(?:around|about|approximately|roughly)|gegen|близько|около|"
                       r"alrededor\s+de(?:\s+las?)?|vers"),
    (Relation.AT, r"at|um|об|о|à|a\s+las?"),
    (Relation.WITHIN, r"(?:so\s+far|earlier|late|early|later)|(?:on|in|over|during|through|throughout|of|from|for|at)"
                      r"|am|im|vom|у|в|во|на|за|el|los|le|en|au\s+cours\s+de"),
)  # fmt: skip
RELATION = re.compile(
    "|".join(rf"(?P<{relation.value}>(?:{words})(?=\s))" for relation, words in _PREPOSITIONS) + "|", re.IGNORECASE
)
STATE = re.compile(
    r"\b(?:say|said|known?|stand|stood|how\s+(?:many|much)|toll|figures?|count|number|tally|total|what\s+(?:was|were)|wie\s+viele|"
    r"hieß|stand|bekannt|скільки|відомо|сколько|известно|cuánt\w+|sabía|combien|savait|disait)\b", re.I
)  # fmt: skip
_SLACK = timedelta(minutes=30)


def resolved(text: str, phrase: Phrase, stretch: Stretch, here: Here) -> Phrase:
    """Give a phrase the scope or the as-of moment that its preposition makes of the stretch."""
    return _RESOLVERS[phrase.relation](text, phrase, stretch, here)


def _scoped(phrase: Phrase, text: str, since: datetime | None, until: datetime | None, here: Here) -> Phrase:
    """Bound a phrase; an end that is not before now is left open, so that what came out just now counts."""
    if until is not None and until >= here.now:
        until = None
    if since is None and until is None:
        return phrase
    words = text[phrase.start : phrase.end].strip()
    return replace(phrase, scope=TimeScope(since=since, until=until, phrase=words))


def _within(text: str, phrase: Phrase, stretch: Stretch, here: Here) -> Phrase:
    if stretch.since == stretch.until:
        return _at(text, phrase, stretch, here)
    return _scoped(phrase, text, stretch.since, stretch.until, here)


def _since(text: str, phrase: Phrase, stretch: Stretch, here: Here) -> Phrase:
    return _scoped(phrase, text, stretch.since, None, here)


def _after(text: str, phrase: Phrase, stretch: Stretch, here: Here) -> Phrase:
    return _scoped(phrase, text, stretch.until if stretch.until < here.now else stretch.since, None, here)


def _before(text: str, phrase: Phrase, stretch: Stretch, here: Here) -> Phrase:
    return _scoped(phrase, text, None, stretch.since, here)


def _until(text: str, phrase: Phrase, stretch: Stretch, here: Here) -> Phrase:
    return _scoped(phrase, text, None, stretch.until, here)


def _as_of(text: str, phrase: Phrase, stretch: Stretch, here: Here) -> Phrase:
    return phrase if stretch.until >= here.now else replace(phrase, as_of=stretch.until)


def _at(text: str, phrase: Phrase, stretch: Stretch, here: Here) -> Phrase:
    """Read a clock: the state of things then, or what came out about then."""
    if stretch.since != stretch.until:
        return _scoped(phrase, text, stretch.since, stretch.until, here)
    if STATE.search(text[: phrase.start]):
        return _as_of(text, phrase, stretch, here)
    return _scoped(phrase, text, stretch.since - _SLACK, stretch.until + 2 * _SLACK, here)


def _around(text: str, phrase: Phrase, stretch: Stretch, here: Here) -> Phrase:
    if stretch.since != stretch.until:
        return _scoped(phrase, text, stretch.since, stretch.until, here)
    return _scoped(phrase, text, stretch.since - 2 * _SLACK, stretch.until + 2 * _SLACK, here)


_RESOLVERS: dict[Relation, Callable[[str, Phrase, Stretch, Here], Phrase]] = {
    Relation.WITHIN: _within,
    Relation.SINCE: _since,
    Relation.AFTER: _after,
    Relation.BEFORE: _before,
    Relation.UNTIL: _until,
    Relation.BY: _as_of,
    Relation.AS_OF: _as_of,
    Relation.AT: _at,
    Relation.AROUND: _around,
}
