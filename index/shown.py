"""Which of the ordered updates are quoted now, and which are kept for "more". Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index import statements
from index.asked import Asked
from index.rank import Ranked
from index.types import Intent, Query

EXCERPTS = 3
FIGURES = 8  # a figure's development is a list, so it may be longer
# Share of the best score below which an update is not shown.
_WORTH_SHOWING = 0.15
_SCORE = re.compile(r"\d[-–]\d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What is quoted now, what was quoted before (in the order of the answer), and how much is left."""

    now: tuple[Ranked, ...] = ()
    before: tuple[Ranked, ...] = ()
    left: int = 0


def choose(query: Query, question: Asked, ordered: Sequence[Ranked]) -> Shown:
    """Choose the next updates of an answer, after those that the query leaves out."""
    before = tuple(one for one in ordered if one.evidence.candidate.citation.update_id in query.leave_out)
    worth = _worth_showing(query, question, ordered, before)
    shown = worth[: FIGURES if query.intent is Intent.FIGURE else EXCERPTS]
    if query.intent is not Intent.FIGURE and not before:
        shown = statements.with_newest(question, shown, ordered)
    return Shown(now=tuple(shown), before=before, left=sum(one not in shown for one in worth))


def labels(query: Query, question: Asked, shown: Shown) -> list[str]:
    """Label what is shown now, also by what was shown before; a development is a list of figures that differ."""
    if query.intent is Intent.FIGURE:
        return [""] * len(shown.now)
    told = statements.labels(question, [*shown.before, *shown.now], newest_asked=query.intent is Intent.LATEST)
    return told[len(shown.before) :]


def _worth_showing(query: Query, question: Asked, ordered: Sequence[Ranked], before: Sequence[Ranked]) -> list[Ranked]:
    """Return the updates that answer too, none of which says the same in the same words as another."""
    enough = _WORTH_SHOWING * max((one.score for one in ordered), default=0.0)
    if query.intent is Intent.FIGURE:
        same = statements.same_fact(question, ordered)
        ordered = [one for one in ordered if one in same and _states_figure(question, one)]
        enough = 0.0
    chosen: list[Ranked] = []
    for one in ordered:
        told = [*before, *chosen]
        if one not in before and (not told or one.score >= enough):
            chosen += [] if any(statements.repeats(one, other) for other in told) else [one]
    return chosen


def _states_figure(question: Asked, one: Ranked) -> bool:
    """Tell whether an update's best sentence states a figure; a score ("2-1") is one too."""
    return bool(statements.figures(question, one)) or _SCORE.search(one.answering.text) is not None
