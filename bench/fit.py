"""`python -m bench fit`: the weights of the three models, fitted on what may be tuned on, written as data.

Sentence: which sentence of a right update holds the answer (listwise softmax). Update: which candidate is right (the
same). Confidence: does the first update answer (logistic regression, cross-validated by article and stream).
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from bench.data import MOST_FITTED, BenchSet, Judgement, archive_of, fitted, judgements
from bench.measures import auroc
from bench.quality import keys_by_title
from index.asked import Asked
from index.evidence import Evidence
from index.followup import resolve
from index.question import understand
from index.rank import confidence_features, rank, sentence_features, update_features
from index.text import normalise
from index.weights import Linear, Weights, shipped

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
MOST_WEIGHT = 10.0
# Features of which more can only speak against an answer; of all others more can only speak for one.
AGAINST = frozenset({"kind_missing", "names_missing", "names_apart", "rarest_missing", "negation_missing", "unmet"})
_RIDGE = 10.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question of a set with the evidence of every candidate, in the order of the shipped weights."""

    set: str
    judgement: Judgement
    question: Asked
    evidence: tuple[Evidence, ...]

    @property
    def right(self) -> list[bool]:
        """Tell of each candidate whether it is a right update."""
        return [one.candidate.citation.update_id in self.judgement.gold for one in self.evidence]


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Rows to choose among, which of them are right, and how much the choice counts."""

    rows: Floats
    right: Bools
    weight: float


def fit_all(sets: Sequence[BenchSet], out: Path) -> list[str]:
    """Fit the three models, each on what the one before chooses, and write them.

    A set weighs the same however many questions it has, but no question more than ten times another.
    Returns: lines to print.
    """
    cases = [case for one in sets for case in gather(one)]
    judged = {one.name for one in sets if one.judges_excerpts}
    sentence, sentences = fit_listwise(list(_sentence_choices(cases, judged)), _sentence_names(cases))
    weights = replace(shipped(), sentence=sentence)
    choices = list(_update_choices(cases, weights))
    update, _ = fit_listwise(choices, _update_names(cases, weights))
    weights = replace(weights, update=calibrated(update, choices))
    weights, lines = fit_confidence([case for case in cases if case.set in judged], weights)
    write(out, weights, "python -m bench fit", ", ".join(one.name for one in sets))
    return [f"sentence on {sentences} questions", f"update on {len(choices)} questions", *lines]


def gather(bench_set: BenchSet) -> list[Case]:
    """Run a set's questions that are for fitting and keep the evidence."""
    archive = archive_of(bench_set)
    judged = fitted(judgements(bench_set, keys_by_title(archive), scoped_to_stream=False))
    queries = [understand(resolve(one.question)) for one in judged]
    vectors = archive.encoder.encode_queries([query.text for query in queries])
    cases = []
    for one, query, vector in zip(judged, queries, vectors, strict=True):
        question, ranked = archive.search.ranked(query, vector)
        evidence = tuple(candidate.evidence for candidate in ranked)
        if evidence:
            cases.append(Case(set=bench_set.name, judgement=one, question=question, evidence=evidence))
    archive.close()
    return cases


def _weight(cases: Sequence[Case], name: str) -> float:
    return min(MOST_WEIGHT, MOST_FITTED / max(1, sum(case.set == name for case in cases)))


def _sentence_names(cases: Sequence[Case]) -> tuple[str, ...]:
    return tuple(sentence_features(cases[0].evidence[0].sentences[0]))


def _update_names(cases: Sequence[Case], weights: Weights) -> tuple[str, ...]:
    (first, *_) = rank(cases[0].evidence, weights)
    return tuple(update_features(first.evidence, first.evidence.sentences[first.best]))


def _sentence_choices(cases: Sequence[Case], judged: set[str]) -> Iterator[Choice]:
    weights = {name: _weight(cases, name) for name in judged}
    for case in cases:
        if case.set not in judged or True not in case.right:
            continue
        evidence = case.evidence[case.right.index(True)]
        text = evidence.candidate.revision.text
        answers = [normalise(answer).casefold() for answer in case.judgement.answers]
        holds = [
            any(answer in text[one.span.start : one.span.end].casefold() for answer in answers)
            for one in evidence.sentences
        ]
        rows = [list(sentence_features(one).values()) for one in evidence.sentences]
        yield Choice(rows=np.array(rows), right=np.array(holds, np.bool_), weight=weights[case.set])


def _update_choices(cases: Sequence[Case], weights: Weights) -> Iterator[Choice]:
    importance = {case.set: 0.0 for case in cases}
    importance = {name: _weight(cases, name) for name in importance}
    for case in cases:
        ranked = rank(case.evidence, weights)
        rows = [list(update_features(one.evidence, one.evidence.sentences[one.best]).values()) for one in ranked]
        right = [one.evidence.candidate.citation.update_id in case.judgement.gold for one in ranked]
        if True in right:
            yield Choice(rows=np.array(rows), right=np.array(right, np.bool_), weight=importance[case.set])


def fit_listwise(choices: Sequence[Choice], names: Sequence[str]) -> tuple[Linear, int]:
    """Maximise the chance that a softmax over a choice's rows gives to its right ones; with a small ridge.

    Returns: the model, and how many choices had both right and wrong rows.
    """
    usable = [one for one in choices if one.right.any() and not one.right.all()]
    scale = np.concatenate([one.rows for one in usable]).std(axis=0)
    scale[scale == 0] = 1.0
    scaled = [(one.rows / scale, one.right, one.weight) for one in usable]

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, gradient = 0.01 * float(weights @ weights) * len(scaled), 0.02 * weights * len(scaled)
        for rows, right, weight in scaled:
            scores = rows @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            among = chances * right
            mass = max(float(among.sum()), 1e-12)
            total -= weight * float(np.log(mass))
            gradient = gradient + weight * ((chances - among / mass) @ rows)
        return total, gradient

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B").x / scale
    by_name = {name: round(float(weight), 4) for name, weight in zip(names, found, strict=True)}
    return Linear(constant=0.0, by_name=by_name), len(usable)


def calibrated(model: Linear, choices: Sequence[Choice]) -> Linear:
    """Scale a listwise model so that its logistic means the share of right rows."""
    weights = np.array(list(model.by_name.values()))
    scores = np.concatenate([one.rows @ weights for one in choices])
    line = LogisticRegression(C=1e6).fit(scores[:, None], np.concatenate([one.right for one in choices]))
    slope, constant = float(line.coef_[0, 0]), float(line.intercept_[0])
    scaled = {name: round(weight * slope, 4) for name, weight in model.by_name.items()}
    return Linear(constant=round(constant, 4), by_name=scaled)


def fit_confidence(cases: Sequence[Case], weights: Weights) -> tuple[Weights, list[str]]:
    """Fit the confidence and its threshold: half of our own near misses and 95 % of what is off topic are refused.

    Whatever that costs: a missing answer is honest, one to another question is not.

    Returns: the weights with both, and a line on each set's AUROC, held out by article or stream.
    """
    rows: list[Mapping[str, float]] = []
    groups = []
    for case in cases:
        ranked = rank(case.evidence, weights)
        rows.append(confidence_features(case.question, ranked))
        first = ranked[0].evidence.candidate.citation.update_id
        groups.append(f"{case.set}/{first.rpartition('-')[0] or first}")
    names = tuple(rows[0])
    x = np.array([[row[name] for name in names] for row in rows])
    y = np.array([not case.judgement.unanswerable for case in cases], np.bool_)
    # The encyclopaedic passages are many and unlike news; our own questions are few and like it.
    importance = np.array([_weight(cases, case.set) for case in cases])
    held_out = np.zeros(len(y))
    for train, test in GroupKFold(5).split(x, y, groups):
        model = fit_logistic(x[train], y[train], importance[train], names)
        held_out[test] = [model.chance(dict(zip(names, row, strict=True))) for row in x[test]]
    linear = fit_logistic(x, y, importance, names)
    own = np.array([case.set != "passages" for case in cases], np.bool_)
    near = np.array([case.judgement.kind == "near_miss" for case in cases], np.bool_)
    off = np.array([case.judgement.kind == "off_topic" for case in cases], np.bool_)
    bounds = [
        float(np.quantile(held_out[own & kind], share)) for kind, share in ((near, 0.5), (off, 0.95)) if kind.any()
    ]
    threshold = round(max(bounds), 3)
    lines = [
        f"confidence, {name}: AUROC {auroc(held_out[part & y].tolist(), held_out[part & near].tolist()) or 0:.3f}"
        f" held out, n={int(part.sum())}; refused at {threshold}:"
        f" {float((held_out[part & near] < threshold).mean()):.2f} of near misses,"
        f" {float((held_out[part & y] < threshold).mean()):.2f} of answerable,"
        f" {int((held_out[part & off] < threshold).sum())} of {int((part & off).sum())} off topic"
        for name, part in (("our own questions", own), ("passages", ~own))
        if (part & near).any()
    ]
    return replace(weights, confidence=linear, abstain_below=threshold), lines


def fit_logistic(x: Floats, y: Bools, importance: Floats, names: Sequence[str]) -> Linear:
    """Fit a logistic regression with a ridge, each weight on the side of zero that its feature's meaning allows.

    Free signs fit the tuning sets a little better and call a question of unknown words a sure thing.
    """
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale == 0] = 1.0
    z = (x - mean) / scale
    sign = np.where(y, 1.0, -1.0)

    def loss(weights: Floats) -> tuple[float, Floats]:
        margins = sign * (z @ weights[1:] + weights[0])
        losses = np.logaddexp(0.0, -margins)
        pull = -importance * sign / (1 + np.exp(margins))
        gradient = np.concatenate([[pull.sum()], pull @ z + 2 * _RIDGE * weights[1:]])
        return float(importance @ losses + _RIDGE * weights[1:] @ weights[1:]), gradient

    bounds = [(None, None)] + [(None, 0.0) if name in AGAINST else (0.0, None) for name in names]
    found = minimize(loss, np.zeros(len(names) + 1), jac=True, method="L-BFGS-B", bounds=bounds).x
    slopes = found[1:] / scale
    return Linear(
        constant=round(float(found[0] - (slopes * mean).sum()), 4),
        by_name={name: round(float(slope), 4) for name, slope in zip(names, slopes, strict=True)},
    )


def write(path: Path, weights: Weights, command: str, data: str) -> None:
    """Write the weights with where they come from."""
    stored: dict[str, object] = {"command": command, "data": f"tuning halves of {data}"}
    for name, model in (
        ("sentence", weights.sentence),
        ("update", weights.update),
        ("confidence", weights.confidence),
    ):
        stored[name] = {"constant": model.constant, "weights": dict(model.by_name)}
    path.write_text(json.dumps({**stored, "abstain_below": weights.abstain_below}, indent=1) + "\n")
