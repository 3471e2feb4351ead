"""Whether a quote tells anything that was not told before: a changed figure is news, a rephrasing is not. Pure."""

from collections.abc import Sequence
from datetime import datetime

from index.grading import says_the_same
from index.kin import kin_of
from index.terms import STOP_WORDS, fold, stem
from index.types import Excerpt
from index.wording import Mark, content, counted, denies, figures, times, tokens

# Share of a quote's content words that a told one holds, from which on they are on the same thing.
_SAME_THING = 0.6
# What of a quote's names may be new in a rephrasing: "police" may be called by its town.
_NEW_NAMES = 0


def is_news(quote: Excerpt, told: Sequence[Excerpt]) -> bool:
    """Tell whether a quote says anything that none of those told said.

    The same revision's same words never are. On the same thing, it is news where a figure, a time or a denial differs
    or a name is new; with other content words it always is. A figure that was told, and since then otherwise, is news
    again: what was stated last counts.
    """
    known = [one for one in told if _is_known(quote, one)]
    if not known:
        return True
    if any(_origin(one) == _origin(quote) for one in known):
        return False
    last = max(map(_stated, known))
    later = [one for one in told if last < _stated(one) < _stated(quote)]
    return any(develops(quote.text, one.text, least=_SAME_THING) for one in later)


def _origin(quote: Excerpt) -> tuple[int, int]:
    return quote.citation.update_no, quote.citation.revision


def _stated(quote: Excerpt) -> datetime:
    return quote.citation.modified_at or quote.citation.published_at


def _is_known(quote: Excerpt, told: Excerpt) -> bool:
    if says_the_same(told.text, quote.text):
        return True
    if overlap(quote.text, told.text) < _SAME_THING or differs(quote.text, told.text):
        return False
    return len(_names(quote.text) - _names(told.text) - content(told.text)) <= _NEW_NAMES


def overlap(text: str, told: str) -> float:
    """Return the share of a text's content words that another holds too, itself or by a word that stands for it."""
    mine, theirs = content(text), content(told)
    held = [stem for stem in mine if stem in theirs or not kin_of(stem).isdisjoint(theirs)]
    return len(held) / len(mine) if mine else 0.0


def differs(text: str, told: str) -> bool:
    """Tell whether a text holds a figure or a time that another does not, or denies where that affirms."""
    exact = (figures(text) | times(text)) - figures(told) - times(told)
    return bool(exact) or denies(text) != denies(told)


def develops(text: str, earlier: str, *, least: float) -> bool:
    """Tell whether a text gives another figure for what an earlier one counted too.

    `least`: the share of the shorter one's content words that both must hold.
    """
    mine, theirs = counted(text), counted(earlier)
    moved = [noun for noun in mine.keys() & theirs.keys() if mine[noun].isdisjoint(theirs[noun])]
    return bool(moved) and max(overlap(text, earlier), overlap(earlier, text)) >= least


def recounts(sentence: str, earlier: str) -> bool:
    """Tell whether one thing is counted in both, by its noun and a word beside it, and its figures differ."""
    mine, theirs = _beside(sentence), _beside(earlier)
    return any(
        noun == other and figure != was and not near.isdisjoint(then)
        for noun, figure, near in mine
        for other, was, then in theirs
    )


def _beside(sentence: str) -> list[tuple[str, str, frozenset[str]]]:
    """Return each figure with the stem of what it counts and, with their kin, of two content words on either side."""
    said = tokens(sentence)
    # A name beside a figure is a place or a source, and says nothing of what is counted.
    worded = [n for n, one in enumerate(said) if one.mark is Mark.WORD and one.key not in STOP_WORDS]
    found = []
    for place, token in enumerate(said):
        after = [n for n in worded if n > place]
        if token.mark is not Mark.NUMBER or not after:
            continue
        beside = [stem(fold(said[n].key)) for n in (*[n for n in worded if n < place][-2:], *after[1:3])]
        found.append((stem(fold(said[after[0]].key)), token.key, frozenset().union(*map(kin_of, beside), beside)))
    return found


def _names(text: str) -> frozenset[str]:
    return frozenset(token.key for token in tokens(text) if token.mark is Mark.NAME)
