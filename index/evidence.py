"""What an update's sentences hold of a question: the numbers that ranking, quoting and abstaining rest on. Pure."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple, overload

import numpy as np

from index.asked import Asked, denies
from index.demand import UNMET, Measure, met
from index.expect import Expectation, counts, holds
from index.reading import Reading, read
from index.terms import stems
from index.types import Citation, Revision, Span
from index.weighing import weigh

_LONGEST_TEXT_BITS = 32
_GLUED = re.compile(r"\d[^\W\d_]")  # "9people" is one word to a reading


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
            negated=self._negatable and denies(sentence),
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


def gather(candidate: Candidate, question: Asked) -> Evidence:
    """Read a candidate's sentences against a question."""
    return gather_all([candidate], question)[0]


def gather_all(candidates: Sequence[Candidate], question: Asked) -> list[Evidence]:
    """Read candidates' sentences against a question; together, so that their words are gone through at once."""
    if not candidates:
        return []
    readings = [one.reading or _read(one.revision.title, one.revision.text) for one in candidates]
    rows, texts = weigh(readings, question)
    firsts, similarity = rows.firsts.tolist(), _similarities(candidates, readings)
    coverage, context, pairs = (of_rows.tolist() for of_rows in (rows.coverage, rows.context, rows.pairs))
    in_words, meets = (np.any(rows.held[:, stems], axis=1).tolist() for stems in (question.numbers, question.demanded))
    found = []
    for place, (candidate, reading) in enumerate(zip(candidates, readings, strict=True)):
        title, end = firsts[place], firsts[place + 1]
        own, text = slice(title + 1, end), candidate.revision.text
        weighed = Weighed(
            coverage=coverage[own],
            context=context[own],
            pairs=pairs[own],
            kind=_kinds(question, text, reading, in_words[own]),
            similarity=similarity[title - place : end - place - 1],
            met=_met(question, text, reading, meets[own]),
        )
        found.append(
            Evidence(
                candidate=candidate,
                sentences=Sentences(text, reading, weighed, negatable=question.negated),
                dense=max(candidate.similarities, default=0.0),
                dense_mean=sum(candidate.similarities) / max(len(candidate.similarities), 1),
                lexical=float(texts.lexical[place]),
                coverage=float(texts.coverage[place]),
                title_coverage=coverage[title],
                name_coverage=float(texts.name_coverage[place]),
                pairs=max(pairs[title:end]),
                lead_coverage=weighed.coverage[0] if weighed.coverage else 0.0,
                in_title=texts.in_title[place],
            )
        )
    return found


_read = lru_cache(maxsize=2048)(read)  # what is not kept: a live blog or two


def _kinds(question: Asked, text: str, reading: Reading, in_words: Sequence[bool]) -> list[float]:
    """Tell of each sentence whether it holds what is expected; `in_words`: whether it has a word for a number."""
    if question.kind is Expectation.OTHER:
        return [1.0] * len(reading.starts)
    said = _said(text, reading)
    if question.kind is not Expectation.COUNT:
        return [holds(question.kind, sentence, question.words) for sentence in said]
    return [float(counts(sentence, question.words, in_words=may)) for sentence, may in zip(said, in_words, strict=True)]


def _met(question: Asked, text: str, reading: Reading, meets: Sequence[bool]) -> list[float]:
    """Tell of each sentence whether it meets the demand; `meets`: whether it holds a stem of what is demanded."""
    measure = question.demand.measure
    if measure is Measure.NONE:
        return [0.5] * len(reading.starts)
    said = _said(text, reading)
    if measure not in UNMET:
        return [met(question.demand, sentence, question.words) for sentence in said]
    return [
        met(question.demand, sentence, question.words) if may or _GLUED.search(sentence) else UNMET[measure]
        for sentence, may in zip(said, meets, strict=True)
    ]


def _said(text: str, reading: Reading) -> Iterator[str]:
    return (text[start:end] for start, end in zip(reading.starts.tolist(), reading.ends.tolist(), strict=True))


def _similarities(candidates: Sequence[Candidate], readings: Sequence[Reading]) -> list[float]:
    """Return of each sentence of all texts the cosine of the passage it lies in, 0 where it lies in none.

    Passages do not overlap, and stand in order.
    """
    offsets = np.arange(len(candidates)) << _LONGEST_TEXT_BITS
    starts = np.concatenate([one.starts + offset for one, offset in zip(readings, offsets, strict=True)])
    counts = [len(one.spans) for one in candidates]
    if not any(counts):
        return [0.0] * len(starts)
    spans = np.array([span for one in candidates for span in one.spans]) + np.repeat(offsets, counts)[:, None]
    similarities = np.array([similarity for one in candidates for similarity in one.similarities])
    passages = np.searchsorted(spans[:, 0], starts, side="right") - 1
    inside = (passages >= 0) & (starts < spans[passages, 1])
    found: list[float] = np.where(inside, similarities[passages], 0.0).tolist()
    return found
