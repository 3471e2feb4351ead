"""Which updates state the same fact, which of them is newest, and where their figures differ. Pure.

Latest wins by time, never by size: a toll may fall. Nothing is added up, nothing is picked silently.
"""

import re
from collections.abc import Sequence
from datetime import datetime

from index.evidence import Asked
from index.expect import Expectation
from index.rank import Ranked
from index.terms import STOP_WORDS, fold
from index.types import Kind

CORRECTION = "correction"
SUPERSEDED = "superseded"
DIFFERS = "differs"

# Of the fullest statement's share of the question: what still counts as a statement of the same fact.
_SAME_FACT = 0.8
# Share of their joint words from which on two sentences repeat each other.
_SAME_WORDS = 0.8
_NUMBER_VALUES = {
    word: str(value)
    for value, word in enumerate(
        "no one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
        "eighteen nineteen twenty".split()
    )
}
_FIGURE = re.compile(
    r"(?<![\w.,:])\d{1,3}(?:,\d{3})+(?![\w,])|(?<![\w.,:/-])\d+(?:\.\d+)?(?![\w:/-]|\.\d)|\b[a-z]+\b", re.IGNORECASE
)
_CORRECTS = re.compile(
    r"\b(?:correct(?:ed|ion|s|ing)\b(?! (?:answer|that))|clarification|retract\w*|we (?:earlier|previously|wrongly|incorrectly)|"
    r"(?:earlier|previously) (?:said|reported|stated|gave|put|statement|figure|version|reports?)|wrongly|incorrectly|"
    r"in error|was (?:wrong|mistaken)|revised (?:down|up|to|from)|now (?:puts|says|stands)|berichtig\w*|korrigier\w*)",
    re.IGNORECASE,
)


def published(one: Ranked) -> datetime:
    """Return when a ranked update was published."""
    return one.evidence.candidate.citation.published_at


def corrects(one: Ranked) -> bool:
    """Tell whether an update is marked as a correction or says in its best sentences that it corrects."""
    revision = one.evidence.candidate.revision
    if revision.kind is Kind.CORRECTION or re.match(r"\W*correction\b", revision.title, re.IGNORECASE):
        return True
    sentences = one.evidence.sentences[max(0, one.best - 1) : one.best + 2]
    return any(_CORRECTS.search(revision.text, s.span.start, s.span.end) for s in sentences)


def same_fact(question: Asked, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Return the updates that state what is asked about as fully as the fullest does, in rank order.

    Each name of the question that the fullest statement holds must be held; a count must be there where one is asked.
    """
    counted = [one for one in ranked if _holds_kind(question, one)]
    if not counted:
        return list(ranked[:1])
    fullness = [_fullness(question, one) for one in counted]
    most = max(fullness)
    named = max(one.evidence.name_coverage for one in counted)
    return [
        one
        for one, share in zip(counted, fullness, strict=True)
        if share >= _SAME_FACT * most and one.evidence.name_coverage >= named - 1e-9
    ]


def _holds_kind(question: Asked, one: Ranked) -> bool:
    if question.kind not in (Expectation.COUNT, Expectation.LENGTH):
        return True
    return one.evidence.sentences[one.best].kind > 0


def _fullness(question: Asked, one: Ranked) -> float:
    """Share of the question that the best sentence holds; what only its surroundings hold counts for less."""
    best = one.evidence.sentences[one.best]
    return best.coverage + 0.7 * best.context


def newest_first(question: Asked, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Put the statements of the fact in order of time, newest first, before everything else.

    Of equally new ones the better ranked is first.
    """
    same = sorted(same_fact(question, ranked), key=published, reverse=True)
    rest = [one for one in ranked if one not in same]
    return same + rest


def corrections_first(question: Asked, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Let an update that corrects stand before what it corrects, where both state the same fact."""
    same = same_fact(question, ranked)
    if not ranked or ranked[0] not in same:
        return list(ranked)
    later = [one for one in same if corrects(one) and published(one) >= published(ranked[0])]
    return later + [one for one in ranked if one not in later]


def figures(question: Asked, one: Ranked) -> frozenset[str]:
    """Return the figures of an update's best sentence that the question does not name: "1,150", "four" as "4"."""
    sentence = one.evidence.sentences[one.best]
    text = one.evidence.candidate.revision.text[sentence.span.start : sentence.span.end]
    found = set()
    for match in _FIGURE.findall(text):
        word = fold(match)
        value = _NUMBER_VALUES.get(word, word.replace(",", ""))
        if value[0].isdigit() and word not in question.words and word not in STOP_WORDS and not _is_year(value):
            found.add(value)
    return frozenset(found)


def _is_year(value: str) -> bool:
    return len(value) == 4 and value.isdigit() and "1900" <= value <= "2100"


def labels(question: Asked, shown: Sequence[Ranked], *, newest_asked: bool) -> list[str]:
    """Say of each update shown whether it corrects, is superseded by a newer one, or differs from another.

    A figure that differs is told of both sides; of two that are equally new neither is called superseded.
    """
    said = [figures(question, one) for one in shown]
    same = same_fact(question, shown)
    counts = question.kind is Expectation.COUNT
    told = []
    for place, one in enumerate(shown):
        others = [n for n, other in enumerate(shown) if n != place and other in same and one in same]
        different = [n for n in others if said[n] and said[place] and said[n].isdisjoint(said[place])]
        newer = [n for n in different if published(shown[n]) > published(one)]
        if corrects(one):
            told.append(CORRECTION)
        elif counts and newest_asked and newer:
            told.append(SUPERSEDED)
        elif counts and different:
            told.append(DIFFERS)
        else:
            told.append("")
    return told


def repeats(one: Ranked, other: Ranked) -> bool:
    """Tell whether two updates' best sentences say the same in nearly the same words, with the same figures."""
    first, second = (ranked.evidence.sentences[ranked.best].stems for ranked in (one, other))
    alike = len(first & second) >= _SAME_WORDS * max(len(first | second), 1)
    return alike and all(stem in second for stem in first if stem[0].isdigit())
