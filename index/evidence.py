"""What an update's sentences hold of a question: the numbers that ranking, quoting and abstaining rest on. Pure."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import NDArray

from index.demand import Demand, Measure, demand, met
from index.expect import Expectation, expectation, holds
from index.kin import kin_of
from index.reading import Reading, mark, read
from index.terms import Term, stem, stems, words
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
_NEAR = 3  # words apart


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """An update that may answer: the revision that stood, its passages (start, end) and each one's cosine.

    `reading`: of the revision's text, where it is kept.
    """

    revision: Revision
    citation: Citation
    spans: tuple[tuple[int, int], ...]
    similarities: tuple[float, ...]
    reading: Reading | None = None


class Share(NamedTuple):
    """A term as it is counted: the place of its stem among all that may be met, those of its kin, its part of all."""

    own: int
    kin: tuple[int, ...]
    part: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question as evidence is looked for: its weighed terms, its word pairs and the kind of answer it expects.

    `reach`: every stem that a term or its kin has, each with its place, which is all of a text that need be looked at;
    what a text holds of it is a number with a bit for each place. `marks`: those of the reach, in its order.
    """

    terms: tuple[Term, ...]
    words: frozenset[str]
    pairs: frozenset[tuple[str, str]]
    kind: Expectation
    shares: tuple[Share, ...]
    reach: dict[str, int]
    marks: NDArray[np.uint64]
    demand: Demand = _NOTHING
    negated: bool = False

    @property
    def weight(self) -> float:
        """The sum of the terms' weights, never zero."""
        return sum(term.weight for term in self.terms) or 1.0


class Sentence(NamedTuple):
    """One sentence and what it holds, each 0 to 1: terms by weight, terms its context adds, word pairs, the kind."""

    span: Span
    text: str
    coverage: float
    context: float
    pairs: float
    kind: float
    similarity: float
    met: float = 0.5
    negated: bool = False

    @property
    def stems(self) -> frozenset[str]:
        """The stems of its words."""
        return _stems(self.text)


_stems = lru_cache(maxsize=1024)(lambda text: frozenset(stems(text)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """What the sentences of a text hold, a list for each measure of `Sentence`: all that ranking needs of them."""

    coverage: list[float]
    context: list[float]
    pairs: list[float]
    kind: list[float]
    similarity: list[float]
    met: list[float]


class Sentences(Sequence[Sentence]):
    """The sentences of a text; each is made when it is asked for, since of most only `weighed` is ever looked at."""

    __slots__ = ("_made", "_negatable", "_reading", "_text", "weighed")

    def __init__(self, text: str, reading: Reading, weighed: Weighed, *, negatable: bool) -> None:
        """Take a text and what was found in it; `negatable`: whether it matters that a sentence denies."""
        self.weighed = weighed
        self._text = text
        self._reading = reading
        self._negatable = negatable
        self._made: dict[int, Sentence] = {}

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.weighed.coverage)

    @overload
    def __getitem__(self, place: int) -> Sentence: ...
    @overload
    def __getitem__(self, place: slice) -> tuple[Sentence, ...]: ...
    def __getitem__(self, place: int | slice) -> Sentence | tuple[Sentence, ...]:
        """Return one sentence or several."""
        if isinstance(place, slice):
            return tuple(self[one] for one in range(*place.indices(len(self))))
        made = self._made.get(place)
        if made is None:
            made = self._made[place] = self._make(range(len(self))[place])
        return made

    def _make(self, place: int) -> Sentence:
        start, end = int(self._reading.starts[place]), int(self._reading.ends[place])
        sentence, weighed = self._text[start:end], self.weighed
        return Sentence(
            span=Span(start=start, end=end),
            text=sentence,
            coverage=weighed.coverage[place],
            context=weighed.context[place],
            pairs=weighed.pairs[place],
            kind=weighed.kind[place],
            similarity=weighed.similarity[place],
            met=weighed.met[place],
            negated=self._negatable and _NEGATES.search(sentence) is not None,
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """A candidate with its sentences and what the update holds of the question; `in_title`: the stems of its title."""

    candidate: Candidate
    sentences: Sentences
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
    kin = [_stand_ins(term) for term in terms]
    marks = {one: mark(one) for one in known.union(*kin)}
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
        kind=expectation(question),
        demand=demand(question),
        negated=_NEGATES.search(question) is not None,
    )


def gather(candidate: Candidate, question: Asked) -> Evidence:
    """Read a candidate's sentences against a question."""
    return gather_all([candidate], question)[0]


def gather_all(candidates: Sequence[Candidate], question: Asked) -> list[Evidence]:
    """Read candidates' sentences against a question; together, so that their words are gone through at once."""
    readings = [one.reading or _read(one.revision.title, one.revision.text) for one in candidates]
    scale = _Scale(question)
    return [
        _evidence(candidate, reading, hits, scale)
        for candidate, reading, hits in zip(candidates, readings, _hits(readings, question), strict=True)
    ]


_read = lru_cache(maxsize=2048)(read)  # what is not kept: a live blog or two


# A word that the question reaches: its place, its sentence (0: the title) and the place of its stem in the reach.
Hit = tuple[int, int, int]


def _hits(readings: Sequence[Reading], question: Asked) -> list[list[Hit]]:
    """Return of each text the words within the question's reach, in order."""
    if not readings or not len(question.marks):
        return [[] for _ in readings]
    marks = np.concatenate([one.marks for one in readings])
    stems = np.minimum(np.searchsorted(question.marks, marks), len(question.marks) - 1)
    places = np.flatnonzero(question.marks[stems] == marks)
    ends = np.cumsum(np.concatenate([one.counts for one in readings]))
    sentences = np.searchsorted(ends, places, side="right")
    firsts = np.cumsum([0, *(len(one.counts) for one in readings)])
    texts = np.searchsorted(firsts, sentences, side="right") - 1
    hits: list[list[Hit]] = [[] for _ in readings]
    found = zip(places.tolist(), (sentences - firsts[texts]).tolist(), stems[places].tolist(), strict=True)
    for text, hit in zip(texts.tolist(), found, strict=True):
        hits[text].append(hit)
    return hits


class _Scale:
    """Weighs what is held of one question: a number with a bit for each stem of its reach. Nothing is weighed twice."""

    def __init__(self, question: Asked) -> None:
        self.question = question
        self.paired = {question.reach[one] for pair in question.pairs for one in pair}
        self.pairs = {(question.reach[a], question.reach[b]) for a, b in question.pairs}
        self._parts = [(1 << one.own, sum(1 << other for other in one.kin), one.part) for one in question.shares]
        self._names = [(1 << question.reach[term.stem], term.weight) for term in question.terms if term.name]
        self._named = sum(weight for _, weight in self._names)
        self._known = {0: 0.0}

    def coverage(self, held: int) -> float:
        """Return the share of the question's weight that is held."""
        if held not in self._known:
            total = 0.0
            for own, kin, part in self._parts:
                if held & own:
                    total += part
                elif held & kin:
                    total += KIN_SHARE * part
            self._known[held] = total
        return self._known[held]

    def name_coverage(self, held: int) -> float:
        """Return the share of the question's names and figures that is held; 1 where it has none."""
        return sum(weight for one, weight in self._names if held & one) / self._named if self._named else 1.0

    def nearness(self, told: Sequence[tuple[int, int]]) -> float:
        """Return the share of the question's neighbouring content words that are near each other here too.

        `told`: place and stem of what is held, in order.
        """
        if not self.pairs:
            return 0.0
        places = [(place, one) for place, one in told if one in self.paired]
        near = {(a, b) for (i, a), (j, b) in pairwise(places) if j - i <= _NEAR}
        return len(self.pairs & (near | {(b, a) for a, b in near})) / len(self.pairs)

    def bm25(self, counts: Mapping[int, int], length: int) -> float:
        """Return BM25 (k1 0.9, b 0.4) over title and text, as a share of the most that the question could get."""
        norm = _K1 * (1 - _B + _B * length / _TYPICAL_WORDS)
        score = 0.0
        for own, kin, part in self.question.shares:
            count = counts.get(own, 0) or KIN_SHARE * max([counts.get(other, 0) for other in kin], default=0)
            score += part * count / (count + norm)
        return score


def _evidence(candidate: Candidate, reading: Reading, hits: Sequence[Hit], scale: _Scale) -> Evidence:
    question = scale.question
    held, pairs = _held(hits, len(reading.counts), scale)
    in_title, everything = held[0], _bits({one for _, _, one in hits})
    found = _sentences(candidate, reading, held, pairs, scale)
    similarities = candidate.similarities
    return Evidence(
        candidate=candidate,
        sentences=found,
        dense=max(similarities, default=0.0),
        dense_mean=sum(similarities) / max(len(similarities), 1),
        lexical=scale.bm25(Counter([one for _, _, one in hits]), len(reading.marks)),
        coverage=scale.coverage(everything),
        title_coverage=scale.coverage(in_title),
        name_coverage=scale.name_coverage(everything),
        pairs=max(pairs),
        lead_coverage=found.weighed.coverage[0] if len(found) else 0.0,
        in_title=frozenset(one for one, place in question.reach.items() if in_title >> place & 1)
        if in_title
        else frozenset(),
    )


def _bits(places: Iterable[int]) -> int:
    held = 0
    for place in places:
        held |= 1 << place
    return held


def _held(hits: Sequence[Hit], count: int, scale: _Scale) -> tuple[list[int], list[float]]:
    """Return what the title and each sentence hold of the reach, and of the question's pairs."""
    held, pairs = [0] * count, [0.0] * count
    told: dict[int, list[tuple[int, int]]] = {}
    for place, sentence, one in hits:
        held[sentence] |= 1 << one
        told.setdefault(sentence, []).append((place, one))
    for sentence, its in told.items():
        if sentence == 0 or held[sentence].bit_count() > 1:
            pairs[sentence] = scale.nearness(its)
    return held, pairs


def _sentences(
    candidate: Candidate, reading: Reading, held: Sequence[int], pairs: Sequence[float], scale: _Scale
) -> Sentences:
    """Weigh every sentence. The inmost loop of an answer: a few hundred sentences a question go through it."""
    question, text = scale.question, candidate.revision.text
    in_title, own = held[0], held[1:]
    starts = reading.starts.tolist()
    coverage = [scale.coverage(one) for one in own]
    around = [in_title | a | b | c for a, b, c in zip([0, *own], own, [*own[1:], 0], strict=False)]
    weighed = Weighed(
        coverage=coverage,
        context=[
            scale.coverage(more) - share if more != one else 0.0
            for more, one, share in zip(around, own, coverage, strict=True)
        ],
        pairs=list(pairs[1:]),
        kind=_kinds(question, text, reading),
        similarity=_similarities(candidate, starts),
        met=_met(question, text, reading),
    )
    return Sentences(text, reading, weighed, negatable=question.negated)


def _kinds(question: Asked, text: str, reading: Reading) -> list[float]:
    if question.kind is Expectation.OTHER:
        return [1.0] * len(reading.starts)
    return [holds(question.kind, sentence, question.words) for sentence in _said(text, reading)]


def _met(question: Asked, text: str, reading: Reading) -> list[float]:
    if question.demand.measure is Measure.NONE:
        return [0.5] * len(reading.starts)
    return [met(question.demand, sentence, question.words) for sentence in _said(text, reading)]


def _said(text: str, reading: Reading) -> Iterator[str]:
    return (text[start:end] for start, end in zip(reading.starts.tolist(), reading.ends.tolist(), strict=True))


def _similarities(candidate: Candidate, starts: Sequence[int]) -> list[float]:
    """Return of each sentence the cosine of the passage it lies in; both are in order, and no passages overlap."""
    passages = zip(candidate.spans, candidate.similarities, strict=True)
    (begin, end), similarity = next(passages, ((0, 0), 0.0))
    found = []
    for start in starts:
        while end <= start and (following := next(passages, None)) is not None:
            (begin, end), similarity = following
        found.append(similarity if begin <= start < end else 0.0)
    return found


def share_held(term: Term, held: frozenset[str]) -> float:
    """Return 1 where a text holds a term, less where it holds only its kin, 0 where neither."""
    if term.stem in held:
        return 1.0
    return 0.0 if _stand_ins(term).isdisjoint(held) else KIN_SHARE


def _stand_ins(term: Term) -> frozenset[str]:
    """Return the stems that may stand for a term; for a name none may."""
    return frozenset() if term.name else kin_of(term.stem)
