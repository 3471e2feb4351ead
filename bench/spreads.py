"""Figures of several runs: the middle one and how far the others were from it."""

import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """The median of `n` runs, the least and the most."""

    p50: float
    low: float
    high: float
    n: int

    def __str__(self) -> str:
        return f"{self.p50:.3g} [{self.low:.3g}–{self.high:.3g}]"


def spread(values: Sequence[float]) -> Spread:
    """Sum up runs; one at least."""
    return Spread(p50=statistics.median(values), low=min(values), high=max(values), n=len(values))


def ratios(values: Sequence[float], base: Sequence[float]) -> Spread:
    """Sum up what each run was beside the base's of the same round."""
    return spread([value / beside for value, beside in zip(values, base, strict=True)])
