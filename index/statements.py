"""Which updates state the same fact, which of them is newest, and where their figures differ. Pure.

Latest wins by time, never by size: a toll may fall. Nothing is added up, nothing is picked silently.
"""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache

from index.asked import Asked, share_held
from index.expect import Expectation
from index.figures import AMOUNT, asks_for_people, tokens
from index.figures import figures as said_figures
from index.rank import Ranked
from index.terms import Term, stems
from index.types import Kind, Precision

CORRECTION = "correction"
SUPERSEDED = "superseded"
DIFFERS = "differs"

# Of the fullest statement's share of the question: what still counts as a statement of the same fact.
_SAME_FACT = 0.7
# The same for one that corrects: it need not say again all that it corrects.
_SAME_FACT_CORRECTED = 0.6
# Of the best score: what is read of a plan though it names no time.
_WORTH_READING = 0.5
# Share of their joint words from which on two sentences repeat each other.
_SAME_WORDS = 0.8
_IN_A_PLACE = re.compile(
    r"\b(?:in|near|at|around|outside|across|im|bei|nahe|в|у|біля|під|под|возле|en|cerca de|à|près de)\s+(?:the\s+)?"
    r"(?P<place>(?-i:[A-ZÀ-ÞА-ЯІЇЄ])[\w'’-]+)|\b(?:across|throughout) the\b", re.IGNORECASE
)  # fmt: skip
_NONE = re.compile(r"\b(?:no|nobody|none|zero|null|cero|нуль|ноль|0)\b", re.IGNORECASE)
# After these a figure of none is that of all.
_ENDS = re.compile(
    r"\b(?:any ?more|any longer|no longer|after all|now|mehr|більше|больше|ya no|ne \w+ plus)\b", re.IGNORECASE
)
_NEGATES = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|without|nor|cannot|nicht|kein\w*|не|ні|нет)\b|n['’]t\b", re.IGNORECASE
)
_CORRECTS = re.compile(
    r"\b(?:correction|clarification|(?:has|have|had|was|were|is|are|been|later|since|now|he|she|they|police|officials|it|we) corrected|"
    r"corrects|correcting|retract(?:s|ed|ing|ion)\b|we (?:earlier|previously|wrongly|incorrectly|mistakenly)|"
    r"(?:earlier|previous|first) (?:version|figure|count|toll|number|statement|update|report)s? (?:\w+ ){0,6}?(?:was|were|said|gave|put|stated|had|of)\b|"
    r"not (?:\S+ ){1,4}?as (?:earlier|previously|first|originally|initially) (?:said|reported|stated|given|thought|believed)|"
    rf"(?:earlier|previously|originally|initially) (?:been )?(?:said|reported|stated|gave|given|put)\b[^.]{{0,60}}?{AMOUNT}|"
    r"(?:wrongly|incorrectly|mistakenly) (?:said|reported|stated|gave|given|named|put|described|identified|attributed|spelled|counted)|"
    r"(?:figure|number|count|toll|report|statement|name|spelling|time|date|version)s? (?:\w+ ){0,4}?(?:was|were) (?:wrong|mistaken|incorrect|in error)|"
    r"(?:said|reported|stated|given|counted|named|published) in error|revised (?:down|up|to|from)|(?:has|have) revised (?:this|that|it|its)|"
    r"contrary to (?:what (?:we|was|had|has|he|she|they|police|officials)|(?:an )?earlier (?:report|version|figure|statement|count)s?)|berichtigung|korrektur|berichtigt|korrigiert\w*|"
    r"correcci[oó]n|rectifica\w*|corrig(?:e|ió|en|é|ée|ent)|уточнення|уточнение|виправлен\w+|виправили|исправлен\w+|исправили|поправка)\b",
    re.IGNORECASE,
)
_IS_CORRECTION = re.compile(
    r"\W*(?:correction|berichtigung|korrektur|correcci[oó]n|rectifica\w+|уточнення|уточнение|виправлення|исправление|поправка)\b",
    re.IGNORECASE,
)
# One of these stands in whatever `_CORRECTS` finds; looking for them takes a twentieth of its time.
_OF_CORRECTIONS = (
    "correct clarif retract earlier previous first original initial wrong mistaken error revised berichtig korr contrary correc "
    "rectif corrig уточнен виправ исправ поправка".split()
)


def published(one: Ranked) -> datetime:
    """Return when a ranked update was published."""
    return one.evidence.candidate.citation.published_at


def latest_published(one: Ranked) -> datetime:
    """Return when an update was published at the latest: at the end of its day where only the day is known."""
    is_day = one.evidence.candidate.citation.time_precision is Precision.DAY
    return published(one) + (timedelta(days=1) if is_day else timedelta())


def _is_newer(one: Ranked, other: Ranked) -> bool:
    """Tell whether an update was surely published after another."""
    return published(one) > published(other) and published(one) >= latest_published(other)


def _is_same_story(question: Asked, one: Ranked, other: Ranked) -> bool:
    """Tell whether two updates speak of one event: they are of one live blog, or both hold every name asked about.

    Figures of different events say nothing of one another.
    """
    if one.evidence.candidate.citation.live_blog == other.evidence.candidate.citation.live_blog:
        return True
    named = any(term.name for term in question.terms)
    return named and min(one.evidence.name_coverage, other.evidence.name_coverage) > 1 - 1e-9


def corrects(one: Ranked) -> bool:
    """Tell whether an update is marked as a correction or says in its best sentences that it corrects."""
    revision = one.evidence.candidate.revision
    if revision.kind is Kind.CORRECTION or _IS_CORRECTION.match(revision.title):
        return True
    beside = 0 if revision.kind is Kind.KEY_POINT else 1  # one key point says nothing of the next
    sentences = one.evidence.sentences[max(0, one.best - beside) : one.best + 1 + beside]
    return any(
        _may_correct(s.text) and _CORRECTS.search(revision.text, s.span.start, s.span.end) is not None
        for s in sentences
    )


def _may_correct(sentence: str) -> bool:
    folded = sentence.casefold()
    return any(word in folded for word in _OF_CORRECTIONS)


def same_fact(question: Asked, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Return the updates that state what is asked about as fully as the fullest does, in rank order.

    Only those that hold most of the question's names count; a count must be there where one is asked. One that
    corrects may hold less of the question. Empty only where `ranked` is.
    """
    counted = [one for one in ranked if _holds_kind(question, one) and _is_same_story(question, one, ranked[0])]
    if not counted:
        return list(ranked[:1])
    held = [_names_held(question, one) for one in counted]
    named = max(held)
    counted = [one for one, share in zip(counted, held, strict=True) if share >= named - 1e-9]
    fullness = [_fullness(question, one) for one in counted]
    most = max(fullness)
    if not most:
        return list(ranked[:1])
    return [
        one
        for one, share in zip(counted, fullness, strict=True)
        if share >= _SAME_FACT * most or (share >= _SAME_FACT_CORRECTED * most and corrects(one))
    ]


def _holds_kind(question: Asked, one: Ranked) -> bool:
    if question.kind not in (Expectation.COUNT, Expectation.LENGTH):
        return True
    of_people, text = asks_for_people(question), one.answering.text
    counts = one.answering.kind > 0
    if not (counts and of_people) and _NONE.search(text) is None:
        return counts
    said = figures(question, one)
    if said == {"0"}:  # "no deaths" may be of a place or a night
        return _ENDS.search(text) is not None or corrects(one)
    return bool(said) and not _is_history(one) if of_people else counts


def _is_history(one: Ranked) -> bool:
    """Tell whether a sentence speaks of a year before that of its update."""
    years = map(int, re.findall(r"(?<![\w.,])(?:1[89]|20)\d\d(?![\w]|[.,]\d)", one.answering.text))
    return any(year < published(one).year for year in years)


def _names_held(question: Asked, one: Ranked) -> float:
    """Return the share of the question's names that an update holds, or that go without saying in its live blog."""
    return 1.0 if _unsaid(question, one) else one.evidence.name_coverage


def _unsaid(question: Asked, one: Ranked) -> list[Term]:
    """Return the terms of a count that go without saying since the live blog's title holds them, all names among them.

    None where nothing else is asked, or where the best sentence names another place: "in Orme" of a whole province.
    """
    title = _title_stems(one.evidence.candidate.citation.live_blog_title)
    unsaid = [term for term in question.terms if term.stem in title]
    names = {term.stem for term in question.terms if term.name}
    is_all = len(unsaid) == len(question.terms)
    if not unsaid or is_all or not names <= title or question.kind is not Expectation.COUNT:
        return []
    places = (stems(match["place"] or "") for match in _IN_A_PLACE.finditer(one.answering.text))
    return unsaid if all(names.intersection(place) for place in places) else []


_title_stems = lru_cache(maxsize=64)(lambda title: frozenset(stems(title)))


def _fullness(question: Asked, one: Ranked) -> float:
    """Share of the question that the best sentence holds; what only its surroundings hold counts for less.

    What goes without saying is asked of no sentence, and does not harm the one that says it.
    """
    best, unsaid = one.answering, _unsaid(question, one)
    plain = best.coverage + 0.85 * best.context
    if not unsaid:
        return plain
    said = sum(term.weight * share_held(term, best.stems) for term in unsaid) / question.weight
    rest = 1 - sum(term.weight for term in unsaid) / question.weight
    return max(plain, (best.coverage - said) / max(rest, 1e-9))


def newest_first(question: Asked, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Put the statements of the fact in order of time, newest first, before everything else.

    Of equally new ones the better ranked is first. A plan is told by what names a time, or is
    as good an answer as any.
    """
    same = same_fact(question, ranked)
    if question.kind is Expectation.WHEN:
        same = [one for one in same if one.answering.kind > 0 or one.score >= _WORTH_READING * ranked[0].score]
    same = sorted(same, key=latest_published, reverse=True)
    return same + [one for one in ranked if one not in same]


def _names_told(question: Asked, one: Ranked) -> float:
    """Return the weight of the question's names that stand in an update's best sentence or its title."""
    if _unsaid(question, one):
        return sum(term.weight for term in question.terms if term.name)
    told = one.stems | one.evidence.in_title
    return sum(term.weight for term in question.terms if term.name and term.stem in told)


def with_newest(question: Asked, shown: Sequence[Ranked], ordered: Sequence[Ranked]) -> list[Ranked]:
    """Let the newest statement of a count stand among those shown: an older figure is never shown alone as current.

    It takes the second place where another figure was ranked first, and keeps its own where it is shown already.
    """
    if question.kind is not Expectation.COUNT or not shown:
        return list(shown)
    same = same_fact(question, ordered)
    newest = max(same, key=latest_published)
    known = newest in shown or shown[0] not in same or figures(question, newest) == figures(question, shown[0])
    return list(shown) if known else [shown[0], newest, *shown[1:]][: len(shown) + (len(shown) == 1)]


def corrections_first(question: Asked, ranked: Sequence[Ranked]) -> list[Ranked]:
    """Let an update that corrects stand before what it corrects, where both state the same fact."""
    same = same_fact(question, ranked)
    if not ranked or ranked[0] not in same:
        return list(ranked)
    later = [one for one in same if published(one) >= published(ranked[0]) and corrects(one)]
    if question.kind is not Expectation.COUNT:  # what a key point takes back is a figure
        later = [one for one in later if one.evidence.candidate.revision.kind is not Kind.KEY_POINT]
    return later + [one for one in ranked if one not in later]


def figures(question: Asked, one: Ranked) -> frozenset[str]:
    """Return the figure of an update's best sentence that the question asks for; see `index.figures`."""
    return said_figures(question, one.answering.text)


def labels(question: Asked, shown: Sequence[Ranked], *, newest_asked: bool) -> list[str]:
    """Say of each update shown whether it corrects, is superseded by a newer one, or differs from another.

    A figure that differs is told of both sides; where the newest was asked for, or a newer update corrects it,
    the older is superseded instead; of two that are equally new neither is, and "20 arrests in Hull" is not by
    "150 arrests", which names less of what is asked about.
    """
    same = same_fact(question, shown)
    counts = question.kind is Expectation.COUNT
    said = [figures(question, one) if counts else frozenset() for one in shown]
    names = [_names_told(question, one) for one in shown]
    told = []
    for place, one in enumerate(shown):
        others = [n for n, other in enumerate(shown) if n != place and other in same and one in same]
        different = [n for n in others if counts and said[n] and said[place] and said[n].isdisjoint(said[place])]
        newer = [shown[n] for n in different if _is_newer(shown[n], one) and names[n] >= names[place]]
        older = [shown[n] for n in different if _is_newer(one, shown[n]) and names[n] <= names[place]]
        unsettled = len(different) > len(newer) + len(older) or (different and not newest_asked)
        if newer and (newest_asked or any(corrects(other) for other in newer)):
            told.append(SUPERSEDED)
        elif corrects(one):
            told.append(CORRECTION)
        else:
            told.append(DIFFERS if unsettled else "")
    return told


def repeats(one: Ranked, other: Ranked) -> bool:
    """Tell whether two updates' best sentences say the same in nearly the same words, with the same figures."""
    first, second = one.stems, other.stems
    if min(len(first), len(second)) < _SAME_WORDS * max(len(first), len(second)):
        return False
    shared = len(first & second)
    alike = shared >= _SAME_WORDS * max(len(first) + len(second) - shared, 1)
    return alike and _told_exactly(one.answering.text) == _told_exactly(other.answering.text)


@lru_cache(maxsize=256)  # each sentence of a question's answer is held against every other
def _told_exactly(sentence: str) -> tuple[frozenset[str], bool]:
    """Return what two sentences must share to repeat each other: every figure and time, and whether it is denied."""
    numbers = {value for _, value in tokens(sentence) if value is not None} | set(re.findall(r"\d+", sentence))
    return frozenset(numbers), _NEGATES.search(sentence) is not None
