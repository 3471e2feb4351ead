"""`python -m bench peers`: the run over each set, and its tables."""

import os
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.data import BenchSet
from bench.peers.corpus import prepare
from bench.peers.figures import Ahead, Line, Standing, lines
from bench.peers.rounds import Traces, run
from bench.peers.systems import SystemUnderTest


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How much is run; see `corpus.prepare`."""

    rounds: int
    updates: int | None
    limit: int | None
    threads: int
    titles: bool = True


def measure(
    bench_set: BenchSet,
    systems: Sequence[SystemUnderTest],
    folder: Path,
    *,
    size: Size,
    starts: int,
    tell: Callable[[str], None],
) -> tuple[str, Traces]:
    """Run the systems beside each other over one set, in a fresh folder, telling how far it is.

    Returns: what the run was of, in words, and what every system did.
    Raises: TooFewError where the set does not fill the rounds; ChildError where a system fails.
    """
    shutil.rmtree(folder, ignore_errors=True)
    course = prepare(
        bench_set,
        folder / "corpus",
        rounds=size.rounds,
        updates=size.updates,
        limit=size.limit,
        titles=size.titles,
    )
    asked = [one for questions in course.questions for one in questions]
    title = (
        f"{course.name}: {course.updates:,} updates{'' if size.titles else ' without titles'}, "
        f"{len(asked):,} questions ({sum(not one.fitted for one in asked):,} with a place), {size.rounds} rounds, "
        f"{size.threads} {'thread' if size.threads == 1 else 'threads'}{_load()}"
    )
    tell(title)
    return title, run(course, systems, folder, threads=size.threads, starts=starts, tell=tell)


def _load() -> str:
    """Say how busy the machine was before the run: times beside other work are worth little."""
    return f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""


def show(console: Console, title: str, traces: Traces) -> None:
    """Print one set's table."""
    view = Table("measure", title=title)
    for name in (*traces, "ahead of the best"):
        view.add_column(name, justify="right")
    for line in lines(traces):
        view.add_row(line.measure, *_values(line), *(_ahead(one) for one in line.ahead[:1]))
    console.print(view)
    console.print(verdict(traces))


def markdown(title: str, traces: Traces) -> str:
    """Return one set's table for the docs."""
    heads = ["measure", *traces, "ahead of the best"]
    rows = [f"### {title}", "", f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * (len(heads) - 1)}"]
    for line in lines(traces):
        cells = [line.measure, *_values(line), *(_ahead(one) for one in line.ahead[:1])]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join([*rows, "", verdict(traces)]) + "\n"


def verdict(traces: Traces) -> str:
    """Say on how many lines ours is ahead of the best of the peers, and on which it is not, by how much."""
    best = [(line.measure, line.ahead[0]) for line in lines(traces) if line.ahead]
    if not best:
        return "No peer ran beside."
    by = {
        standing: [f"{measure} ({_ahead(one)})" for measure, one in best if one.standing is standing]
        for standing in Standing
    }
    ahead = len(by[Standing.AHEAD])
    parts = [
        f"Ahead of the best of the peers on {'every line' if ahead == len(best) else f'{ahead} of {len(best)} lines'}"
    ]
    for standing, words in ((Standing.BEHIND, "behind"), (Standing.ALIKE, "not told apart")):
        if by[standing]:
            parts.append(f"{words}: {', '.join(by[standing])}")
    return "; ".join(parts) + "."


def _values(line: Line) -> list[str]:
    return [_number(value) for value in line.values.values()]


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value > 1 else f"{value:.3f}"


def _ahead(one: Ahead) -> str:
    if one.difference is not None:
        part = one.difference
        return f"{part.value:+.3f} [{part.low:+.3f}, {part.high:+.3f}] {one.than}"
    spread = "" if one.least == one.most else f" [{one.least:.2f}, {one.most:.2f}]"
    return f"×{one.median:.2f}{spread} {one.than}"
