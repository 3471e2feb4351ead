"""`python -m bench peers`: the run over each set, and its tables."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.data import BenchSet
from bench.peers.corpus import prepare
from bench.peers.figures import Ahead, Line, lines
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
    bench_set: BenchSet, systems: Sequence[SystemUnderTest], folder: Path, *, size: Size, starts: int
) -> tuple[str, Traces]:
    """Run the systems beside each other over one set, in a fresh folder.

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
    asked = sum(map(len, course.questions))
    title = (
        f"{course.name}: {course.updates:,} updates{'' if size.titles else ' without titles'}, {asked:,} questions, "
        f"{size.rounds} rounds, {size.threads} {'thread' if size.threads == 1 else 'threads'}"
    )
    return title, run(course, systems, folder, threads=size.threads, starts=starts)


def show(console: Console, title: str, traces: Traces) -> None:
    """Print one set's table."""
    view = Table("measure", title=title)
    for name in (*traces, "ahead of the best"):
        view.add_column(name, justify="right")
    for line in lines(traces):
        view.add_row(line.measure, *_values(line), *(_ahead(one) for one in line.ahead[:1]))
    console.print(view)


def markdown(title: str, traces: Traces) -> str:
    """Return one set's table for the docs."""
    heads = ["measure", *traces, "ahead of the best"]
    rows = [f"### {title}", "", f"| {' | '.join(heads)} |", f"| --- |{' ---: |' * (len(heads) - 1)}"]
    for line in lines(traces):
        cells = [line.measure, *_values(line), *(_ahead(one) for one in line.ahead[:1])]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows) + "\n"


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
