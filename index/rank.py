"""The order of updates for a question, and how sure it is that the first one answers. Pure."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from statistics import fmean

import numpy as np
from numpy.typing import NDArray

from index.asked import Asked, share_held
from index.evidence import Evidence, Sentence, Weighed
from index.expect import Expectation
from index.weights import Weights

# Share of the best sentence's hold on the question that another needs to go before it with what is demanded.
_ECHO = 0.6


@dataclass(frozen=True, kw_only=True)
class Ranked:
    """An update's evidence, its score (logistic, 0 to 1) and its sentences' scores in their order."""

    evidence: Evidence
    score: float
    sentence_scores: tuple[float, ...]

    @cached_property
    def best(self) -> int:
        """The place of the sentence that answers best; the earlier of equals."""
        return _best(self.evidence.sentences.weighed, self.sentence_scores)

    @cached_property
    def answering(self) -> Sentence:
        """The sentence that answers best."""
        return self.evidence.sentences[self.best]

    @cached_property
    def stems(self) -> frozenset[str]:
        """The stems of that sentence."""
        return self.answering.stems


def _best(weighed: Weighed, scores: Sequence[float]) -> int:
    """Choose the best score; one that holds what is demanded goes before a mere echo of the question."""
    best = scores.index(max(scores))
    if weighed.met[best]:
        return best
    held = [coverage + context for coverage, context in zip(weighed.coverage, weighed.context, strict=True)]
    meeting = [n for n, one in enumerate(weighed.met) if one == 1 and held[n] >= _ECHO * held[best]]
    return max(meeting, key=lambda place: (scores[place], -place)) if meeting else best


def sentence_features(sentence: Sentence) -> dict[str, float]:
    """Return what the sentence model weighs."""
    return {
        "coverage": sentence.coverage,
        "context": sentence.context,
        "pairs": sentence.pairs,
        "kind": sentence.kind,
        "kind_and_coverage": sentence.kind * (sentence.coverage + sentence.context),
        "similarity": sentence.similarity,
        "met": sentence.met,
    }


def update_features(evidence: Evidence, best: Sentence) -> dict[str, float]:
    """Return what the update model weighs."""
    return {
        "dense": evidence.dense,
        "dense_mean": evidence.dense_mean,
        "lexical": evidence.lexical,
        "coverage": evidence.coverage,
        "title_coverage": evidence.title_coverage,
        "name_coverage": evidence.name_coverage,
        "pairs": evidence.pairs,
        "lead_coverage": evidence.lead_coverage,
        "best_coverage": best.coverage,
        "best_context": best.context,
        "best_kind": best.kind,
        "best_met": best.met,
    }


def rank(found: Sequence[Evidence], weights: Weights) -> list[Ranked]:
    """Order updates, best first; of equals the one known first."""
    sentence_scores = iter(weights.sentence.scores(_columns(found)))
    scored = [tuple(islice(sentence_scores, len(one.sentences))) for one in found]
    best = [one.sentences[_best(one.sentences.weighed, scores)] for one, scores in zip(found, scored, strict=True)]
    features = [update_features(one, sentence) for one, sentence in zip(found, best, strict=True)]
    ranked = [
        Ranked(evidence=one, score=weights.update.chance(told), sentence_scores=scores)
        for one, told, scores in zip(found, features, scored, strict=True)
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.evidence.candidate.revision.update_no))


def _columns(found: Sequence[Evidence]) -> dict[str, NDArray[np.float64]]:
    """Return `sentence_features` of the sentences of all updates, an array each."""
    weighed = [evidence.sentences.weighed for evidence in found]
    lists = {
        "coverage": [one.coverage for one in weighed],
        "context": [one.context for one in weighed],
        "pairs": [one.pairs for one in weighed],
        "kind": [one.kind for one in weighed],
        "similarity": [one.similarity for one in weighed],
        "met": [one.met for one in weighed],
    }
    columns = {name: np.fromiter(chain.from_iterable(of_texts), np.float64) for name, of_texts in lists.items()}
    return columns | {"kind_and_coverage": columns["kind"] * (columns["coverage"] + columns["context"])}


def confidence_features(question: Asked, ranked: Sequence[Ranked]) -> dict[str, float]:
    """Return what the confidence model weighs: the first update's evidence, and what of the question it leaves out."""
    first = ranked[0]
    evidence = first.evidence
    best = first.answering
    window = _window(first)
    missing = [term for term in question.terms if not share_held(term, window)]
    names = [term for term in question.terms if term.name]
    beside = first.stems | evidence.in_title
    return {
        "dense": evidence.dense,
        "dense_lead": evidence.dense - max([one.evidence.dense for one in ranked[1:]], default=0.0),
        "dense_distance": _distance([one.evidence.dense for one in ranked]),
        "similarity": best.similarity,
        "kind_missing": (1 - best.kind) * float(question.kind is not Expectation.OTHER),
        "names_missing": sum(term.weight for term in names if term in missing) / question.weight,
        "names_apart": sum(term.weight for term in names if not share_held(term, beside)) / question.weight,
        "rarest_missing": max([term.weight for term in missing], default=0.0) / 10,
        "negation_missing": float(question.negated and not best.negated),
        "unmet": float(_is_unmet(best, _around(first))),
    }


def _is_unmet(best: Sentence, around: Sequence[Sentence]) -> bool:
    """Tell whether what is demanded stands nowhere near; what stands beside may only tell nothing."""
    return best.met == 0 and max(one.met for one in around) < 1


def _distance(values: Sequence[float]) -> float:
    """Return how far the first value lies above the next few, in standard deviations of all."""
    if len(values) < 3:
        return 0.0
    mean = fmean(values)
    deviation = math.sqrt(fmean([(one - mean) ** 2 for one in values]))
    return (values[0] - fmean(values[1:6])) / (deviation + 0.02)


def _window(ranked: Ranked) -> frozenset[str]:
    """Return the stems of the best sentence and its neighbours."""
    return frozenset[str]().union(*(sentence.stems for sentence in _around(ranked)))


def _around(ranked: Ranked) -> tuple[Sentence, ...]:
    return ranked.evidence.sentences[max(0, ranked.best - 1) : ranked.best + 2]


def confidence(question: Asked, ranked: Sequence[Ranked], weights: Weights) -> float:
    """Return how sure it is that the first update answers, 0 to 1."""
    return weights.confidence.chance(confidence_features(question, ranked)) if ranked else 0.0
