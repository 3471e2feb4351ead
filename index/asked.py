"""A question as evidence is looked for: what is counted of it, and what of a text need be looked at. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.demand import UNMET, Demand, Measure, demand
from index.expect import NUMBER_STEMS, Expectation, expectation
from index.kin import kin_of
from index.reading import mark
from index.terms import Term, stem, words

KIN_SHARE = 0.7
_NOTHING = Demand(measure=Measure.NONE)
_mark = lru_cache(maxsize=8192)(mark)
_NEGATES = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|without|neither|nor|except|\w+n['’]t|nicht|kein\w*|nie|не|ні|нет|nunca|sin|pas|sans)\b",
    re.IGNORECASE,
)


class Share(NamedTuple):
    """A term as it is counted: the place of its stem among all that may be met, those of its kin, its part of all."""

    own: int
    kin: tuple[int, ...]
    part: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as evidence is looked for: its weighed terms, its word pairs and the kind of answer it expects.

    `reach`: every stem that a term or its kin has, and of `numbers` and `demanded`, each with its place: all of a text
    that need be looked at. `marks`: those of the reach, in its order. `numbers`: places of the words for numbers, where
    a count is expected. `demanded`: places of the stems one of which a sentence must hold to meet the demand.
    """

    terms: tuple[Term, ...]
    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    kind: Expectation
    shares: tuple[Share, ...]
    reach: dict[str, int]
    marks: NDArray[np.uint64]
    numbers: list[int]
    demanded: list[int]
    demand: Demand = _NOTHING
    negated: bool = False

    @property
    def weight(self) -> float:
        """The sum of the terms' weights, never zero."""
        return sum(term.weight for term in self.terms) or 1.0


def asked(question: str, terms: Sequence[Term]) -> Asked:
    """Prepare a question."""
    order = [stem(word) for word in words(question)]
    known = {term.stem for term in terms}
    content = [one for one in order if one in known]
    weight = sum(term.weight for term in terms) or 1.0
    kin = [_stand_ins(term) for term in terms]
    kind, wanted = expectation(question), demand(question)
    numbers = NUMBER_STEMS if kind is Expectation.COUNT else frozenset[str]()
    demanded = wanted.of if wanted.measure in UNMET else frozenset[str]()
    marks = {one: _mark(one) for one in known.union(*kin, numbers, demanded)}
    reach = {one: place for place, one in enumerate(sorted(marks, key=marks.__getitem__))}
    return Asked(
        terms=tuple(terms),
        shares=tuple(
            Share(own=reach[term.stem], kin=tuple(reach[one] for one in others), part=term.weight / weight)
            for term, others in zip(terms, kin, strict=True)
        ),
        reach=reach,
        marks=np.array(sorted(marks.values()), np.uint64),
        words=frozenset(words(question)),
        pairs=frozenset(pairwise(content)),
        numbers=[reach[one] for one in numbers],
        demanded=[reach[one] for one in demanded],
        kind=kind,
        demand=wanted,
        negated=denies(question),
    )


def denies(text: str) -> bool:
    """Tell whether a text denies something."""
    return _NEGATES.search(text) is not None


def share_held(term: Term, held: frozenset[str]) -> float:
    """Return 1 where a text holds a term, less where it holds only its kin, 0 where neither."""
    if term.stem in held:
        return 1.0
    return 0.0 if _stand_ins(term).isdisjoint(held) else KIN_SHARE


def _stand_ins(term: Term) -> frozenset[str]:
    """Return the stems that may stand for a term; for a name none may."""
    return frozenset() if term.name else kin_of(term.stem)
