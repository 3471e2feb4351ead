"""From traces to lines: a figure a system, and how far ours is ahead of the best of the others. Pure."""

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from bench.measures import Share, share
from bench.peers.rounds import Trace

_OURS = "dateline"
_MS = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """What is compared: a value a round. `hit` makes it one that is counted over questions, from a place."""

    name: str
    rounds: Callable[[Trace], Sequence[float]]
    more_is_better: bool = False
    hit: Callable[[int], float] | None = None


class Standing(StrEnum):
    """How ours stands beside another; apart only where the whole range, or interval, is on one side."""

    AHEAD = "ahead"
    ALIKE = "alike"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """How many times better ours is than another (more, or less, as the measure wants): median and range of rounds.

    `difference`: of the two over the same questions, for what is counted over questions.
    """

    than: str
    median: float
    least: float
    most: float
    difference: Share | None = None

    @property
    def standing(self) -> Standing:
        """Whether ours is ahead of the other."""
        part = self.difference
        low, high, level = (self.least, self.most, 1.0) if part is None else (part.low, part.high, 0.0)
        if low > level:
            return Standing.AHEAD
        return Standing.BEHIND if high < level else Standing.ALIKE


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One measure of all systems; `ahead` has every peer, the best of them first."""

    measure: str
    values: Mapping[str, float]
    ahead: tuple[Ahead, ...]


def lines(traces: Mapping[str, Trace]) -> tuple[Line, ...]:
    """Compute every line that was measured."""
    return tuple(_line(measure, traces) for measure in MEASURES if all(map(measure.rounds, traces.values())))


def _line(measure: Measure, traces: Mapping[str, Trace]) -> Line:
    middle = statistics.median if measure.hit is None else statistics.fmean
    values = {name: middle(measure.rounds(trace)) for name, trace in traces.items()}
    others = [name for name in traces if name.split()[0] != _OURS]
    others.sort(key=values.__getitem__, reverse=measure.more_is_better)
    return Line(
        measure=measure.name,
        values=values,
        ahead=tuple(_ahead(measure, traces[_OURS], name, traces[name]) for name in others),
    )


def _ahead(measure: Measure, ours: Trace, name: str, theirs: Trace) -> Ahead:
    pairs = list(zip(measure.rounds(ours), measure.rounds(theirs), strict=True))
    ratios = [_ratio(mine, other) if measure.more_is_better else _ratio(other, mine) for mine, other in pairs]
    return Ahead(
        than=name,
        median=statistics.median(ratios),
        least=min(ratios),
        most=max(ratios),
        difference=None if measure.hit is None else _difference(measure.hit, ours, theirs),
    )


def _ratio(a: float, b: float) -> float:
    return a / b if b else float("inf") if a else 1.0


def _difference(hit: Callable[[int], float], ours: Trace, theirs: Trace) -> Share | None:
    places = zip(_all(ours.places), _all(theirs.places), strict=True)
    return share([hit(mine) - hit(other) for mine, other in places])


def _all(places: Sequence[Sequence[int]]) -> list[int]:
    return [place for round_ in places for place in round_]


def _percentile(share_below: float) -> Callable[[Trace], Sequence[float]]:
    def rounds(trace: Trace) -> Sequence[float]:
        return [_MS * sorted(took)[min(int(share_below * len(took)), len(took) - 1)] for took in trace.asked_s if took]

    return rounds


def _counted(name: str, hit: Callable[[int], float]) -> Measure:
    def rounds(trace: Trace) -> Sequence[float]:
        return [statistics.fmean(map(hit, places)) for places in trace.places if places]

    return Measure(name=name, rounds=rounds, more_is_better=True, hit=hit)


MEASURES = (
    Measure(name="ingest, updates/s", rounds=lambda trace: trace.ingest_per_s, more_is_better=True),
    Measure(name="ingest, peak MB", rounds=lambda trace: [trace.ingest_peak_mb]),
    Measure(name="start to first answer, s", rounds=lambda trace: trace.start_s),
    Measure(name="ask p50, ms", rounds=_percentile(0.5)),
    Measure(name="ask p99, ms", rounds=_percentile(0.99)),
    Measure(name="resident while answering, MB", rounds=lambda trace: trace.resident_mb),
    _counted("Recall@1", lambda place: float(place == 1)),
    _counted("Recall@5", lambda place: float(0 < place <= 5)),
    _counted("MRR@10", lambda place: 1 / place if place else 0.0),
)
