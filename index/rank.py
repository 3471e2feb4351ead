"""The order of updates for a question, and how sure it is. Pure: numbers and texts in, an order out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from index.terms import Term, stems
from index.types import Citation, Revision, Span

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
class Ranked:
    """A candidate with its score, best is 1 or near it, and what the score was made of."""

    candidate: Candidate
    score: float
    dense: float
    lexical: float
    coverage: float


def rank(candidates: Sequence[Candidate], terms: Sequence[Term], *, dense_share: float = 0.5) -> list[Ranked]:
    """Order candidates by an interpolation of their best passage's cosine and BM25 over title and text."""
    if not candidates:
        return []
    dense = [max(candidate.similarities, default=0.0) for candidate in candidates]
    scored = [_lexical(candidate, terms) for candidate in candidates]
    top_dense = max(*dense, 1e-6) if len(dense) > 1 else max(dense[0], 1e-6)
    top_lexical = max([lexical for lexical, _ in scored] + [1e-6])
    ranked = [
        Ranked(
            candidate=candidate,
            score=dense_share * d / top_dense + (1 - dense_share) * lexical / top_lexical,
            dense=d,
            lexical=lexical,
            coverage=coverage,
        )
        for candidate, d, (lexical, coverage) in zip(candidates, dense, scored, strict=True)
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.candidate.revision.update_no))


def _lexical(candidate: Candidate, terms: Sequence[Term]) -> tuple[float, float]:
    """Return BM25 (k1 0.9, b 0.4) and the share of the question's weight that the update holds."""
    words = stems(f"{candidate.revision.title}\n{candidate.revision.text}")
    counts = Counter(words)
    length = _K1 * (1 - _B + _B * len(words) / _TYPICAL_WORDS)
    score = held = total = 0.0
    for term in terms:
        total += term.weight
        count = counts.get(term.stem, 0)
        if count:
            held += term.weight
            score += term.weight * count * (_K1 + 1) / (count + length)
    return score, held / total if total else 0.0


def confidence(ranked: Sequence[Ranked]) -> float:
    """Return how sure it is that the first update answers, 0 to 1."""
    if not ranked:
        return 0.0
    best = ranked[0]
    return max(0.0, min(1.0, 0.5 * best.dense + 0.5 * best.coverage))
