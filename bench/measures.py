"""Measures over judged answers. Pure; each returns a share with its confidence interval, or a plain number."""

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass

from bench.data import Judgement
from index.types import Answer, Status

_SPACE = re.compile(r"\s+")
_RESAMPLES = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One judged answer; `verbatim`: all its quotes were found in their stored revisions."""

    judgement: Judgement
    answer: Answer
    verbatim: bool
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """A share of `n` with the bounds of its 95 % interval (percentile bootstrap)."""

    value: float
    low: float
    high: float
    n: int


def share(hits: Sequence[bool | float]) -> Share | None:
    """Average, with its interval; None of nothing."""
    if not hits:
        return None
    values = [float(hit) for hit in hits]
    generator = random.Random(7)
    means = sorted(sum(generator.choices(values, k=len(values))) / len(values) for _ in range(_RESAMPLES))
    low, high = means[int(0.025 * _RESAMPLES)], means[int(0.975 * _RESAMPLES)]
    return Share(value=sum(values) / len(values), low=low, high=high, n=len(values))


def gold_rank(outcome: Outcome) -> int:
    """Return the place of the first right update among the nearest, from 1; 0 where there is none."""
    places = [
        n for n, near in enumerate(outcome.answer.nearest, 1) if near.citation.update_id in outcome.judgement.gold
    ]
    return places[0] if places else 0


def holds_answer(outcome: Outcome, place: int) -> bool:
    """Tell whether the excerpt at a place is quoted from a right update and holds an answer."""
    if place >= len(outcome.answer.excerpts):
        return False
    excerpt = outcome.answer.excerpts[place]
    if excerpt.citation.update_id not in outcome.judgement.gold:
        return False
    text = _folded(excerpt.text)
    return any(_stands_in(_folded(answer), text) for answer in outcome.judgement.answers)


def _folded(text: str) -> str:
    return _SPACE.sub(" ", text).strip().casefold()


def _stands_in(answer: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(answer)}(?!\w)", text) is not None


def is_late(outcome: Outcome) -> bool:
    """Tell whether anything shown was published after the question was asked."""
    answer = outcome.answer
    shown = [one.citation for one in answer.excerpts] + [one.citation for one in answer.nearest]
    return any(citation.published_at > outcome.judgement.question.now for citation in shown)


def is_stale(outcome: Outcome) -> bool:
    """Tell whether the first excerpt is of an update that was superseded by then."""
    excerpts = outcome.answer.excerpts
    return bool(excerpts) and excerpts[0].citation.update_id in outcome.judgement.stale


def auroc(right: Sequence[float], wrong: Sequence[float]) -> float | None:
    """Return the chance that an answerable question is surer than an unanswerable one; ties count half."""
    if not right or not wrong:
        return None
    pooled = sorted([(score, 1) for score in right] + [(score, 0) for score in wrong])
    ranks: dict[float, tuple[int, int]] = {}
    for place, (score, _) in enumerate(pooled, 1):
        first, _ = ranks.get(score, (place, place))
        ranks[score] = (first, place)
    total = sum(sum(ranks[score]) / 2 for score, label in pooled if label)
    return (total - len(right) * (len(right) + 1) / 2) / (len(right) * len(wrong))


def table(outcomes: Sequence[Outcome], *, judges_excerpts: bool) -> dict[str, Share | float | None]:
    """Compute every measure of a list of outcomes."""
    answerable = [one for one in outcomes if not one.judgement.unanswerable]
    ranks = [gold_rank(one) for one in answerable]
    rows: dict[str, Share | float | None] = {
        f"hit@{k}": share([0 < rank <= k for rank in ranks]) for k in (1, 3, 5, 10)
    }
    rows["mrr@10"] = share([1 / rank if 0 < rank <= 10 else 0.0 for rank in ranks])
    if judges_excerpts:
        rows["answer in first excerpt"] = share([holds_answer(one, 0) for one in answerable])
        rows["answer in reply"] = share([any(holds_answer(one, n) for n in range(3)) for one in answerable])
    rows["answerable refused"] = share([_refused(one) for one in answerable])
    rows |= _refusals(outcomes)
    rows["auroc"] = auroc(
        [one.answer.confidence for one in answerable],
        [one.answer.confidence for one in outcomes if one.judgement.kind == "near_miss"],
    )
    rows["stale first"] = share([is_stale(one) for one in answerable if one.judgement.kind == "latest"])
    rows["scoped hit@1"] = share([gold_rank(one) == 1 for one in answerable if one.judgement.kind == "scoped"])
    rows["late citations"] = float(sum(is_late(one) for one in outcomes))
    rows["verbatim"] = share([one.verbatim for one in outcomes])
    rows["median ms"] = sorted(one.seconds for one in outcomes)[len(outcomes) // 2] * 1000 if outcomes else None
    return rows


def _refused(outcome: Outcome) -> bool:
    return outcome.answer.status is Status.ABSTAINED


def _refusals(outcomes: Sequence[Outcome]) -> dict[str, Share | float | None]:
    return {
        f"{kind} refused": share([_refused(one) for one in outcomes if one.judgement.kind == kind])
        for kind in ("near_miss", "off_topic", "smalltalk")
    }
