"""`python -m bench fit`: the weights of the three models, fitted on what may be tuned on, written as data.

Update: which candidate is right (listwise softmax). Sentence: which sentence of a right update holds the answer
(the same). Confidence: does the first update answer (logistic regression, cross-validated by article and stream).
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold

from bench.data import BenchSet, Judgement, archive_of, judgements
from bench.measures import auroc
from bench.quality import keys_by_title
from index.followup import resolve
from index.question import understand
from index.rank import Ranked, confidence_features, sentence_features, update_features
from index.text import normalise
from index.weights import Linear, shipped

Floats = NDArray[np.float64]
MOST_QUESTIONS = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One question's candidates as features, with what is right. `group`: its article or stream."""

    group: str
    weight: float
    updates: Floats
    right: NDArray[np.bool_]
    sentences: Floats | None
    holds: NDArray[np.bool_] | None


def cases(bench_set: BenchSet, weight: float) -> tuple[list[Case], tuple[tuple[str, ...], tuple[str, ...]]]:
    """Run a set's answerable questions and keep the features of every candidate and of the right update's sentences.

    Returns: cases, and the names of update and sentence features.
    """
    archive = archive_of(bench_set)
    judged = [one for one in judgements(bench_set, keys_by_title(archive), scoped_to_stream=False) if tunable(one)]
    judged = sample([one for one in judged if not one.unanswerable])
    queries = [understand(resolve(one.question)) for one in judged]
    vectors = archive.encoder.encode_queries([query.text for query in queries])
    made: list[Case] = []
    names: tuple[tuple[str, ...], tuple[str, ...]] = ((), ())
    for one, query, vector in zip(judged, queries, vectors, strict=True):
        _, ranked = archive.search.ranked(query, vector)
        right = np.array([r.evidence.candidate.citation.update_id in one.gold for r in ranked], np.bool_)
        if not right.any():
            continue
        rows = [update_features(r.evidence, r.evidence.sentences[r.best]) for r in ranked]
        first = ranked[int(np.argmax(right))]
        sentences = [sentence_features(s, place) for place, s in enumerate(first.evidence.sentences)]
        names = (tuple(rows[0]), tuple(sentences[0]))
        holds = _holding(first, one) if bench_set.judges_excerpts else None
        made.append(
            Case(
                group=_group(one),
                weight=weight,
                updates=np.array([list(row.values()) for row in rows]),
                right=right,
                sentences=np.array([list(row.values()) for row in sentences]) if holds is not None else None,
                holds=holds,
            )
        )
    archive.close()
    return made, names


def sample(judged: Sequence[Judgement], most: int = MOST_QUESTIONS) -> list[Judgement]:
    """Take at most so many questions, evenly over the set: more move the weights less than the noise."""
    step = max(1, -(-len(judged) // most))
    return list(judged[::step])


def tunable(judged: Judgement) -> bool:
    """Tell whether a question may be fitted on: our report half may not."""
    return judged.split == "tune"


def _group(judged: Judgement) -> str:
    gold = sorted(judged.gold)
    return gold[0].rpartition("-")[0] if gold else judged.id


def _holding(ranked: Ranked, judged: Judgement) -> NDArray[np.bool_] | None:
    text = ranked.evidence.candidate.revision.text
    answers = [normalise(answer).casefold() for answer in judged.answers]
    holds = [
        any(answer in text[sentence.span.start : sentence.span.end].casefold() for answer in answers)
        for sentence in ranked.evidence.sentences
    ]
    return np.array(holds, np.bool_) if any(holds) and not all(holds) else None


def fit_listwise(rows: Sequence[tuple[Floats, NDArray[np.bool_], float]], names: Sequence[str]) -> Linear:
    """Maximise the chance that a softmax over a question's rows gives to its right ones; a small ridge."""
    usable = [row for row in rows if row[1].any() and not row[1].all()]
    scale = np.concatenate([row[0] for row in usable]).std(axis=0)
    scale[scale == 0] = 1.0

    def loss(weights: Floats) -> tuple[float, Floats]:
        total, gradient = 0.01 * float(weights @ weights) * len(usable), 0.02 * weights * len(usable)
        for features, right, importance in usable:
            x = features / scale
            scores = x @ weights
            chances = np.exp(scores - scores.max())
            chances /= chances.sum()
            among = chances * right
            mass = max(float(among.sum()), 1e-12)
            total -= importance * np.log(mass)
            gradient += importance * (chances - among / mass) @ x
        return total, gradient

    found = minimize(loss, np.zeros(len(names)), jac=True, method="L-BFGS-B")
    weights = found.x / scale
    return Linear(constant=0.0, by_name={name: round(float(w), 4) for name, w in zip(names, weights, strict=True)})


def calibrated(model: Linear, rows: Sequence[tuple[Floats, NDArray[np.bool_], float]]) -> Linear:
    """Set a listwise model's constant so that its logistic means the share of right rows."""
    weights = np.array(list(model.by_name.values()))
    scores = np.concatenate([features @ weights for features, _, _ in rows])
    right = np.concatenate([right for _, right, _ in rows])
    line = LogisticRegression(C=1e6).fit(scores[:, None], right)
    slope, constant = float(line.coef_[0, 0]), float(line.intercept_[0])
    scaled = {name: round(weight * slope, 4) for name, weight in model.by_name.items()}
    return Linear(constant=round(constant, 4), by_name=scaled)


def confidence_rows(bench_set: BenchSet) -> tuple[Floats, NDArray[np.bool_], list[str], tuple[str, ...]]:
    """Return features, whether the question is answerable, groups and names, for every tunable question of a set."""
    archive = archive_of(bench_set)
    judged = [one for one in judgements(bench_set, keys_by_title(archive), scoped_to_stream=False) if tunable(one)]
    judged = sample(judged, most=2 * MOST_QUESTIONS)
    queries = [understand(resolve(one.question)) for one in judged]
    vectors = archive.encoder.encode_queries([query.text for query in queries])
    rows, labels, groups = [], [], []
    for one, query, vector in zip(judged, queries, vectors, strict=True):
        if one.kind in ("smalltalk", "off_topic"):
            continue
        question, ranked = archive.search.ranked(query, vector)
        if ranked:
            rows.append(confidence_features(question, ranked))
            labels.append(not one.unanswerable)
            groups.append(ranked[0].evidence.candidate.citation.update_id.rpartition("-")[0] or one.id)
    archive.close()
    return np.array([list(row.values()) for row in rows]), np.array(labels, np.bool_), groups, tuple(rows[0])


def fit_confidence(
    x: Floats, y: NDArray[np.bool_], groups: Sequence[str], importance: Floats, names: Sequence[str]
) -> tuple[Linear, float]:
    """Fit logistic regression; return it with its AUROC cross-validated by group."""
    held_out = np.zeros(len(y))
    mean, scale = x.mean(axis=0), x.std(axis=0)
    scale[scale == 0] = 1.0
    z = (x - mean) / scale
    for train, test in GroupKFold(5).split(z, y, groups):
        model = LogisticRegression(C=0.1, max_iter=2000).fit(z[train], y[train], importance[train])
        held_out[test] = model.decision_function(z[test])
    whole = LogisticRegression(C=0.1, max_iter=2000).fit(z, y, importance)
    weights = whole.coef_[0] / scale
    constant = float(whole.intercept_[0] - (weights * mean).sum())
    linear = Linear(
        constant=round(constant, 4), by_name={n: round(float(w), 4) for n, w in zip(names, weights, strict=True)}
    )
    return linear, auroc(held_out[y].tolist(), held_out[~y].tolist()) or 0.0


def threshold(scores: Floats, answerable: NDArray[np.bool_], wrongly_refused: float) -> float:
    """Return the confidence below which that share of answerable questions lies."""
    return round(float(np.quantile(scores[answerable], wrongly_refused)), 3)


def fit_all(sets: Sequence[BenchSet], out: Path) -> list[str]:
    """Fit the three models, one on the other, and write them after each step.

    Every set weighs the same in the end, however many questions it has, but a question never more than ten times
    another. Returns: lines to print.
    """
    stored = json.loads(out.read_text())
    lines: list[str] = []
    data = ", ".join(one.name for one in sets)
    # The sentence model decides which sentence speaks for an update, so it comes first.
    for step in ("sentence", "update"):
        gathered = [cases(one, 1.0) for one in sets]
        names = next(names for made, names in gathered if made)
        rows = _balanced([made for made, _ in gathered], step)
        model = fit_listwise(rows, names[step == "sentence"])
        model = calibrated(model, rows) if step == "update" else model
        stored[step] = {"constant": model.constant, "weights": dict(model.by_name)}
        lines.append(f"{step}: {dict(model.by_name)} on {len(rows)} questions")
        _store(out, stored, data)
    features, labels, groups, importance = [], [], [], []
    for one in sets:
        if one.name == "liveblogs":
            continue  # headlines that all have an answer teach nothing of refusing
        x, y, group, columns = confidence_rows(one)
        features.append(x)
        labels.append(y)
        groups += [f"{one.name}/{name}" for name in group]
        importance.append(np.full(len(y), min(10.0, 1000 / len(y))))
    x, y = np.concatenate(features), np.concatenate(labels)
    model, held_out = fit_confidence(x, y, groups, np.concatenate(importance), columns)
    stored["confidence"] = {"constant": model.constant, "weights": dict(model.by_name)}
    own = np.concatenate([np.full(len(one), index > 0) for index, one in enumerate(labels)])
    scores = np.array([model.chance(dict(zip(columns, row, strict=True))) for row in x])
    stored["abstain_below"] = threshold(scores, y, 0.08)
    lines.append(f"confidence: AUROC {held_out:.3f} held out by group, n={len(y)}, own={int(own.sum())}")
    _store(out, stored, data)
    return lines


def _balanced(groups: Sequence[Sequence[Case]], step: str) -> list[tuple[Floats, NDArray[np.bool_], float]]:
    rows = []
    for made in groups:
        useful = [case for case in made if step == "update" or case.holds is not None]
        importance = min(10.0, 1000 / len(useful)) if useful else 0.0
        for case in useful:
            x, y = (case.updates, case.right) if step == "update" else (case.sentences, case.holds)
            if x is not None and y is not None:
                rows.append((x, y, importance))
    return rows


def _store(out: Path, stored: dict[str, object], data: str) -> None:
    origin = {"command": "python -m bench fit", "data": data}
    out.write_text(json.dumps({**stored, **origin}, indent=1) + "\n")
    shipped.cache_clear()
