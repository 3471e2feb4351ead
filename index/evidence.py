"""What an update's sentences hold of a question: the numbers that ranking, quoting and abstaining rest on. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

from index.demand import Demand, Measure, demand, met
from index.expect import Expectation, expectation, holds
from index.kin import kin_of
from index.terms import Term, stem, words
from index.text import sentences
from index.types import Citation, Revision, Span

KIN_SHARE = 0.7
_NOTHING = Demand(measure=Measure.NONE)
_NEGATES = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|without|neither|nor|except|\w+n['’]t|nicht|kein\w*|nie|не|ні|нет|nunca|sin|pas|sans)\b",
    re.IGNORECASE,
)
_K1 = 0.9
_B = 0.4
_TYPICAL_WORDS = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An update that may answer: the revision that stood, its passages and each one's cosine with the question."""

    revision: Revision
    citation: Citation
    spans: tuple[Span, ...]
    similarities: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as evidence is looked for: its weighed terms, its word pairs and the kind of answer it expects.

    `shares`: of each term its stem, its kin and its part of all weight. `reach`: every stem that any of them holds,
    which is all of a text that need be looked at. `paired`: the words of the pairs.
    """

    terms: tuple[Term, ...]
    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    paired: frozenset[str]
    kind: Expectation
    shares: tuple[tuple[str, frozenset[str], float], ...]
    reach: frozenset[str]
    demand: Demand = _NOTHING
    negated: bool = False

    @property
    def weight(self) -> float:
        """The sum of the terms' weights, never zero."""
        return sum(term.weight for term in self.terms) or 1.0


class Sentence(NamedTuple):
    """One sentence and what it holds, each 0 to 1: terms by weight, terms its context adds, word pairs, the kind."""

    span: Span
    stems: frozenset[str]
    coverage: float
    context: float
    pairs: float
    kind: float
    similarity: float
    met: float = 0.5
    negated: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A candidate with its sentences and what the update holds of the question; `in_title`: the stems of its title."""

    candidate: Candidate
    sentences: tuple[Sentence, ...]
    dense: float
    dense_mean: float
    lexical: float
    coverage: float
    title_coverage: float
    name_coverage: float
    pairs: float
    lead_coverage: float
    in_title: frozenset[str] = frozenset()


def asked(question: str, terms: Sequence[Term]) -> Asked:
    """Prepare a question."""
    order = [stem(word) for word in words(question)]
    known = {term.stem for term in terms}
    content = [one for one in order if one in known]
    weight = sum(term.weight for term in terms) or 1.0
    shares = tuple((term.stem, _stand_ins(term), term.weight / weight) for term in terms)
    return Asked(
        terms=tuple(terms),
        shares=shares,
        reach=frozenset(one for one, _, _ in shares).union(*(kin for _, kin, _ in shares)),
        words=frozenset(words(question)),
        pairs=frozenset(pairwise(content)),
        paired=frozenset(content) if len(content) > 1 else frozenset(),
        kind=expectation(question),
        demand=demand(question),
        negated=_NEGATES.search(question) is not None,
    )


@lru_cache(maxsize=2048)  # a live blog or two; a text takes some 25 kB
def _read(text: str) -> tuple[tuple[Span, tuple[str, ...], frozenset[str]], ...]:
    """Split a text into sentences, each with its stems in order and as a set; the same for every question."""
    read = []
    for span in sentences(text):
        stemmed = tuple(map(stem, words(text[span.start : span.end])))
        read.append((span, stemmed, frozenset(stemmed)))
    return tuple(read)


def gather(candidate: Candidate, question: Asked) -> Evidence:
    """Read a candidate's sentences against a question."""
    title = [stem(word) for word in words(candidate.revision.title)]
    prepared = _read(candidate.revision.text)
    hits = [own & question.reach for _, _, own in prepared]
    in_title = question.reach.intersection(title)
    everything = in_title.union(*hits)
    counts = Counter(one for one in title if one in question.reach)
    for (_, stemmed, _), held in zip(prepared, hits, strict=True):
        if held:
            counts.update(one for one in stemmed if one in held)
    found = _sentences(candidate, question, prepared, hits, in_title)
    return Evidence(
        candidate=candidate,
        sentences=found,
        dense=max(candidate.similarities, default=0.0),
        dense_mean=sum(candidate.similarities) / max(len(candidate.similarities), 1),
        lexical=_bm25(counts, len(title) + sum(len(stemmed) for _, stemmed, _ in prepared), question),
        coverage=_coverage(question, everything),
        title_coverage=_coverage(question, in_title),
        name_coverage=_name_coverage(question, everything),
        pairs=max([_pairs(question, title), *(sentence.pairs for sentence in found)]),
        lead_coverage=found[0].coverage if found else 0.0,
        in_title=in_title,
    )


def _sentences(
    candidate: Candidate,
    question: Asked,
    prepared: Sequence[tuple[Span, tuple[str, ...], frozenset[str]]],
    hits: Sequence[frozenset[str]],
    in_title: frozenset[str],
) -> tuple[Sentence, ...]:
    """Weigh every sentence. The inmost loop of an answer: a few hundred sentences a question go through it."""
    text = candidate.revision.text
    similarities = _similarities(candidate, prepared)
    known: dict[frozenset[str], float] = {}

    def coverage_of(held: frozenset[str]) -> float:
        if held not in known:
            known[held] = _coverage(question, held)
        return known[held]

    found = []
    for place, ((span, stemmed, own), held) in enumerate(zip(prepared, hits, strict=True)):
        around = in_title.union(*hits[max(0, place - 1) : place + 2])
        coverage = coverage_of(held)
        sentence = text[span.start : span.end]
        found.append(
            Sentence(
                span=span,
                stems=own,
                coverage=coverage,
                context=coverage_of(around) - coverage if len(around) > len(held) else 0.0,
                pairs=_pairs(question, stemmed) if len(held) > 1 else 0.0,
                kind=holds(question.kind, sentence, question.words),
                similarity=similarities[place],
                met=met(question.demand, sentence, question.words),
                negated=question.negated and _NEGATES.search(sentence) is not None,
            )
        )
    return tuple(found)


def _coverage(question: Asked, held: frozenset[str]) -> float:
    """Return the share of the question's weight that a text holds; `held` need be no more than the text's reach."""
    if not held:
        return 0.0
    total = 0.0
    for one, kin, share in question.shares:
        if one in held:
            total += share
        elif not kin.isdisjoint(held):
            total += KIN_SHARE * share
    return total


def share_held(term: Term, held: frozenset[str]) -> float:
    """Return 1 where a text holds a term, less where it holds only its kin, 0 where neither."""
    if term.stem in held:
        return 1.0
    return 0.0 if _stand_ins(term).isdisjoint(held) else KIN_SHARE


def _stand_ins(term: Term) -> frozenset[str]:
    """Return the stems that may stand for a term; for a name none may."""
    return frozenset() if term.name else kin_of(term.stem)


def _name_coverage(question: Asked, held: frozenset[str]) -> float:
    """Share of the question's names and figures that the update holds; 1 where it has none."""
    names = [term for term in question.terms if term.name]
    weight = sum(term.weight for term in names)
    return sum(term.weight for term in names if term.stem in held) / weight if weight else 1.0


def _pairs(question: Asked, stemmed: Sequence[str]) -> float:
    """Share of the question's neighbouring content words that stand near each other here too."""
    if not question.pairs:
        return 0.0
    places = [(place, one) for place, one in enumerate(stemmed) if one in question.paired]
    near = {(a, b) for (i, a), (j, b) in pairwise(places) if j - i <= 3}
    return len(question.pairs & (near | {(b, a) for a, b in near})) / len(question.pairs)


def _bm25(counts: Counter[str], length: int, question: Asked) -> float:
    """BM25 (k1 0.9, b 0.4) over title and text, as a share of the most that the question could get."""
    norm = _K1 * (1 - _B + _B * length / _TYPICAL_WORDS)
    score = 0.0
    for one, kin, share in question.shares:
        count = counts[one] or KIN_SHARE * max((counts[other] for other in kin), default=0)
        score += share * count / (count + norm)
    return score


def _similarities(
    candidate: Candidate, prepared: Sequence[tuple[Span, tuple[str, ...], frozenset[str]]]
) -> list[float]:
    """Return of each sentence the cosine of the passage it lies in; both are in order, and no passages overlap."""
    passages = zip(candidate.spans, candidate.similarities, strict=True)
    passage, similarity = next(passages, (Span(start=0, end=0), 0.0))
    found = []
    for span, _, _ in prepared:
        while passage.end <= span.start and (following := next(passages, None)) is not None:
            passage, similarity = following
        found.append(similarity if passage.start <= span.start < passage.end else 0.0)
    return found
