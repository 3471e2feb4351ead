"""From an update to the one to three whole sentences that answer. Pure; every span is a slice of the revision."""

from collections.abc import Sequence

from index.rank import Candidate
from index.terms import Term, stems
from index.text import sentences
from index.types import Span

LIMIT_CHARS = 700


def choose(candidate: Candidate, terms: Sequence[Term]) -> Span:
    """Choose the span to quote: the sentence that says most of the question, with its neighbour where it is short."""
    text = candidate.revision.text
    spans = sentences(text)
    scores = [_score(text, span, candidate, terms) for span in spans]
    best = max(range(len(spans)), key=lambda place: (scores[place], -place))
    first = last = best
    if last + 1 < len(spans) and spans[last + 1].end - spans[first].start <= LIMIT_CHARS:
        last += 1
    return Span(start=spans[first].start, end=spans[last].end)


def _score(text: str, span: Span, candidate: Candidate, terms: Sequence[Term]) -> float:
    held = set(stems(text[span.start : span.end]))
    total = sum(term.weight for term in terms) or 1.0
    coverage = sum(term.weight for term in terms if term.stem in held) / total
    return coverage + _similarity(span, candidate)


def _similarity(span: Span, candidate: Candidate) -> float:
    """Return the cosine of the passage that a sentence lies in."""
    for passage, similarity in zip(candidate.spans, candidate.similarities, strict=True):
        if passage.start <= span.start < passage.end:
            return similarity
    return 0.0


def opening(candidate: Candidate) -> Span:
    """Return the first one or two sentences of an update, for showing what is new."""
    spans = sentences(candidate.revision.text)
    last = 1 if len(spans) > 1 and spans[1].end - spans[0].start <= LIMIT_CHARS // 2 else 0
    return Span(start=spans[0].start, end=spans[last].end)
