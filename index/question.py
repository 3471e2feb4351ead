"""Pure: what a person typed, when and where, becomes a Query: its time, its kind of answer, its words to search for."""

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from index import intents
from index.errors import QuestionError
from index.moments import Grain, Here
from index.prepositions import Phrase, Relation
from index.scopes import find_phrase
from index.types import Intent, Query, Question, TimeScope
from index.vocabulary import EVENTS

LONGEST_CHARS = 2_000  # looking for phrases of time takes quadratic time; a model reads less of it anyway

_ANCHOR = (
    r"(?P<side>before|prior\s+to|after|following|since)\s+"
    rf"(?P<event>(?:the|(?!(?:it|that|he|she|what|who|there|how)'s)\w+(?:\s[A-Z]\w+)*'s)\s+(?:(?!of\b|in\b)[\w-]+\s+){{0,2}}?(?:{EVENTS})"
    r"(?:\s+(?:of|in|on|at|by|with|between|against|over|near)\s+(?:(?!(?:was|were|is|did|had|has)\b)[\w'’.-]+\s*){1,5}?)?)"
)
_ANCHOR_LAST = re.compile(rf"\b{_ANCHOR}\s*[?!.]*\s*$", re.IGNORECASE)
_ANCHOR_FIRST = re.compile(rf"^\W*{_ANCHOR}\s*,", re.IGNORECASE)
_LETTERS = re.compile(r"[^\W\d_]{2,}|[^\W\d_]\.[^\W\d_]")
_STRAIGHT = str.maketrans({"’": "'", "‘": "'", "ʼ": "'", "İ": "I", "ı": "i", "\u00a0": " ", "\u202f": " "})


def understand(question: Question) -> Query:
    """Return the question as the search needs it.

    The scope is about publication; an end that reaches `now` is left open. `anchor` words stay in the
    text, a time phrase does not. Of a longer text the first LONGEST_CHARS are read.

    Raises: QuestionError for an empty or wordless text, an unknown zone or a range that ends before it begins.
    """
    text = question.text.strip()[:LONGEST_CHARS].strip()
    if not text:
        raise QuestionError("the question is empty")
    if _is_wordless(text):
        raise QuestionError("the question holds no word")
    here = Here(now=min(question.now, question.asked_at or question.now).astimezone(UTC), zone=zone_of(question.zone))
    plain = text.translate(_STRAIGHT)
    phrase = _find_phrase(plain, here)
    if question.since:
        phrase = _replaced(phrase, question.since)
    anchor, side = ("", "") if phrase and phrase.strict else _anchor(plain)
    scope = phrase.scope if phrase and not anchor else None
    as_of = phrase.as_of if phrase and not anchor else None
    intent = intents.intent_of(plain, as_of=as_of is not None, scoped=scope is not None or bool(anchor))
    searched, intent = _searched(text, plain, phrase if scope or as_of else None, intent)
    return Query(
        text=searched,
        now=question.now,
        zone=question.zone,
        intent=intent,
        scope=scope if question.since else _quoting(scope, text, phrase),
        scope_strict=phrase.strict if phrase and scope else True,
        as_of=as_of,
        anchor=anchor,
        anchor_side="before" if side == "before" else "after" if side else "",
        limit=question.limit,
        live_blog=question.live_blog,
        live_blogs=question.live_blogs,
        sources=question.sources,
        question=text,
        leave_out=question.leave_out,
        since=question.since,
        asked_at=question.asked_at,
    )


def _is_wordless(text: str) -> bool:
    """Tell whether a text has letters, but nothing of two of them that says something: "x", "' or 1=1"."""
    if not any(char.isalpha() for char in text) or any(len(word) > 1 for word in intents.content_words(text)):
        return False
    return not {word.lower() for word in _LETTERS.findall(text)} - {"and", "or"}


def zone_of(name: str) -> ZoneInfo:
    """Return a time zone by its name.

    Raises: QuestionError for one that nobody knows.
    """
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise QuestionError(f"unknown time zone {name!r}; use an IANA name such as Europe/Kyiv") from error


def _find_phrase(plain: str, here: Here) -> Phrase | None:
    try:
        return find_phrase(plain, here)
    except OverflowError:
        return None  # the phrase reaches beyond the calendar, as "yesterday" does in year 1


def _replaced(phrase: Phrase | None, since: datetime) -> Phrase:
    """Put the time since something was cited in the place of what the words say of time."""
    start, end = (phrase.start, phrase.end) if phrase else (0, 0)
    scope = TimeScope(since=since)
    return Phrase(start=start, end=end, grain=Grain.CLOCK, relation=Relation.SINCE, scope=scope)


def _quoting(scope: TimeScope | None, text: str, phrase: Phrase | None) -> TimeScope | None:
    if scope is None or phrase is None:
        return None
    return TimeScope(since=scope.since, until=scope.until, phrase=text[phrase.start : phrase.end].strip())


def _searched(text: str, plain: str, phrase: Phrase | None, intent: Intent) -> tuple[str, Intent]:
    """Return the words to search for, and a catch-up instead of a fact where there are none."""
    rest = f"{text[: phrase.start]} {text[phrase.end :]}" if phrase else text
    if phrase and intent is Intent.FACT and not intents.content_words(rest):
        intent = Intent.CATCH_UP
    searched = intents.searchable(rest, intent)
    if searched or phrase or intent in (Intent.CATCH_UP, Intent.LATEST):
        return searched, intent
    return intents.tidy(text) or text, intent


def _anchor(plain: str) -> tuple[str, str]:
    """Return the event that the question stands before or after, and the side, or two empty strings."""
    match = _ANCHOR_LAST.search(plain) or _ANCHOR_FIRST.search(plain)
    if match is None:
        return "", ""
    event = re.sub(r"^the\s+", "", match["event"].strip(), flags=re.IGNORECASE)
    return event, "before" if match["side"].lower().startswith(("before", "prior")) else "after"
