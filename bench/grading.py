"""`python -m bench grading`: whether a change that matters is ever missed, and how many are told of one that does not.

Over pairs of our own; `half` says in which round each was written. What a round's first look
gave stands in docs/digests.md: after it, the rules were mended, so today's figures are no first look.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from bench.data import ROOT
from bench.measures import Share, share
from index.grading import Grade, grade
from index.text import normalise
from index.types import Span

PAIRS = ROOT / "tests" / "index" / "data" / "graded_changes.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """What was quoted of an old text, what the text became, and what a reader would call the change."""

    kind: str
    half: str
    grade: Grade
    quote: str
    old: str
    new: str
    withdrawn: bool = False


def pairs() -> list[Pair]:
    """Read the graded set."""
    lines = PAIRS.read_text("utf-8").splitlines()
    return [Pair(**{**fields, "grade": Grade(fields["grade"])}) for fields in map(json.loads, lines)]


def graded(pair: Pair) -> Grade:
    """Grade a pair by the product's rules."""
    old, new, quote = (normalise(text) for text in (pair.old, pair.new, pair.quote))
    start = old.index(quote)
    return grade(old, new, Span(start=start, end=start + len(quote)), withdrawn=pair.withdrawn)


def measure() -> dict[str, dict[str, Share | None]]:
    """Return half -> measure -> share, and of all halves under "all"."""
    every = pairs()
    halves = {half: [one for one in every if one.half == half] for half in dict.fromkeys(one.half for one in every)}
    return {half: _row(found) for half, found in (halves | {"all": every}).items()}


def _row(found: Sequence[Pair]) -> dict[str, Share | None]:
    material = [one for one in found if one.grade is Grade.MATERIAL]
    harmless = [one for one in found if one.grade is not Grade.MATERIAL]
    return {
        "material found": share([graded(one) is Grade.MATERIAL for one in material]),
        "harmless notified": share([graded(one) is Grade.MATERIAL for one in harmless]),
    }


def show(console: Console, results: Mapping[str, Mapping[str, Share | None]]) -> None:
    """Print a line a half."""
    view = Table("half", *results["all"], title="graded changes of our own")
    for half, row in results.items():
        view.add_row(half, *(f"{one.value:.3f} n={one.n}" if one else "" for one in row.values()))
    console.print(view)
