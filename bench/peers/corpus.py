"""What every system is given: the same updates in the same slices, the same questions in the same order."""

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.data import BenchSet, fitted, judgements

_SEED = 20
_WARM_UP_UPDATES = 64
_WARM_UP_QUESTIONS = 5

Row = Mapping[str, Any]


class TooFewError(ValueError):
    """The live blogs do not fill the rounds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question and the ids of the updates that answer it; `fitted`: it taught us, so its place does not count."""

    question: str
    gold: frozenset[str]
    fitted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One run's material. The warm-ups are taken and asked like the rest, only not timed or counted."""

    name: str
    warm_up: Path
    slices: tuple[Path, ...]
    warm_up_questions: tuple[Asked, ...]
    questions: tuple[tuple[Asked, ...], ...]

    @property
    def updates(self) -> int:
        """How many updates are held once all is taken."""
        return sum(len(path.read_bytes().splitlines()) for path in (self.warm_up, *self.slices))


def prepare(
    bench_set: BenchSet, folder: Path, *, rounds: int, updates: int | None, limit: int | None, titles: bool = True
) -> Course:
    """Choose whole live blogs, spread them over the rounds and write each round's updates to a file.

    Args:
        bench_set: whose corpus and answerable questions.
        folder: where the files go.
        rounds: how many slices.
        updates: take live blogs in a seeded order until there are so many updates; None for all.
        limit: only so many questions.
        titles: False leaves the updates' titles out, for every system.

    Raises: TooFewError.
    """
    folder.mkdir(parents=True, exist_ok=True)
    rows = [_row(line, titles) for line in _lines(bench_set.corpus)]
    warm_up, rest = _warmed(_chosen(rows, updates))
    if len(rest) < rounds:
        raise TooFewError(f"{bench_set.name}: {len(rest)} live blogs do not fill {rounds} rounds; take more updates")
    held = {row["id"] for blog in (*warm_up, *rest) for row in blog}
    asked = [one for one in _questions(bench_set) if one.gold and one.gold <= held]
    random.Random(_SEED).shuffle(asked)
    counted = asked[_WARM_UP_QUESTIONS:][:limit]
    return Course(
        name=bench_set.name,
        warm_up=_write(folder / "warm-up.jsonl", warm_up),
        slices=tuple(_write(folder / f"slice-{no}.jsonl", blogs) for no, blogs in enumerate(_dealt(rest, rounds))),
        warm_up_questions=tuple(asked[:_WARM_UP_QUESTIONS]),
        questions=tuple(tuple(counted[no::rounds]) for no in range(rounds)),
    )


def _lines(path: Path) -> Iterable[Row]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def _row(line: Row, titles: bool) -> Row:
    return line if titles else {**line, "title": ""}


def _questions(bench_set: BenchSet) -> list[Asked]:
    judged = judgements(bench_set, {}, scoped_to_stream=False)
    taught = {one.id for one in fitted(judged)}
    return [Asked(question=one.question.text, gold=one.gold, fitted=one.id in taught) for one in judged]


def _chosen(rows: Iterable[Row], most: int | None) -> list[list[Row]]:
    """Group updates by live blog (one without is alone) in a seeded order, as many groups as are wanted."""
    blogs: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        blogs[row.get("stream") or row["id"]].append(row)
    groups = [blogs[key] for key in sorted(blogs)]
    random.Random(_SEED).shuffle(groups)
    return _first(groups, most) if most is not None else groups


def _warmed(groups: Sequence[list[Row]]) -> tuple[list[list[Row]], list[list[Row]]]:
    first = _first(groups, min(_WARM_UP_UPDATES, sum(map(len, groups)) // 10))
    return first, list(groups[len(first) :])


def _first(groups: Sequence[list[Row]], updates: int) -> list[list[Row]]:
    taken: list[list[Row]] = []
    for group in groups:
        if sum(map(len, taken)) >= updates:
            break
        taken.append(group)
    return taken


def _dealt(groups: Sequence[list[Row]], hands: int) -> list[list[list[Row]]]:
    """Deal live blogs, the largest first, each to the slice that has the fewest updates."""
    dealt: list[list[list[Row]]] = [[] for _ in range(hands)]
    for group in sorted(groups, key=len, reverse=True):
        min(dealt, key=lambda hand: sum(map(len, hand))).append(group)
    return dealt


def _write(path: Path, blogs: Iterable[Iterable[Row]]) -> Path:
    with path.open("w", encoding="utf-8") as file:
        for blog in blogs:
            for row in blog:
                file.write(json.dumps(row, ensure_ascii=False) + "\n")
    return path
