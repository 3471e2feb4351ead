"""`python -m bench growth`: the same archive at 10 thousand, 54 thousand, 200 thousand and a million passages.

Times are medians of runs that ask different questions, with the lowest and highest run; what compares across machines
is their ratio to the question's own encoding, and the shape of the curves.
"""

import json
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from bench.data import ROOT, BenchSet, archive_of, judgements
from bench.growth_child import STAGES, Figures
from bench.growth_corpus import Differences, Entry, differences, entries, grow
from index.archive import Archive, open_archive
from index.config import ArchiveConfig, StoreConfig
from index.errors import StoreError

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Sized = Mapping[str, Figures]
Measured = Callable[[Path, Sequence[str], int], Sized]

SIZES = (10_000, 54_000, 200_000, 1_000_000)
_LINES = ("encode", "dense", "full text", "rank", "excerpt", "the rest", "whole p50", "whole p99")


def measure(
    bench_set: BenchSet,
    *,
    folder: Path,
    sizes: Sequence[int] = SIZES,
    runs: int = 5,
    asked: int = 200,
    real: int = 1024,
    opener: Callable[[BenchSet], Archive] = archive_of,
    measured: Measured | None = None,
    console: Console | None = None,
) -> tuple[Mapping[str, Sized], Mapping[str, float]]:
    """Grow an archive in a folder from size to size, and measure it at each.

    Args:
        bench_set: what is grown from, and its questions.
        folder: where the archive is made; one that is there already is replaced.
        sizes: in passages, ascending.
        runs: how many runs, each with questions of its own.
        asked: questions of a run.
        real: variants that are encoded to learn from, and as many to tell how realistic the others are.
        opener: gives the set's own archive, encoded.
        measured: measures one size; None: in a process of its own.
        console: where to tell how far it is.

    Returns: size -> figures, and what the realism of the made vectors was measured at.
    Raises: StoreError when the folder holds anything but an archive.
    """
    _clear(folder)
    base = opener(bench_set)
    found = entries(base)
    moves = differences(found, base.encoder, count=real)
    texts = [one.question.text for one in judgements(bench_set, {}, scoped_to_stream=False)][: runs * asked]
    results: dict[str, Sized] = {}
    for size in sizes:
        began = time.perf_counter()
        grown_s, rebuilt_s = _grown(folder, base, found, moves, size)
        sized = (measured or _in_a_process)(folder, texts, runs)
        sized["archive"].update({"grow s": grown_s, "rebuild s": rebuilt_s})
        results[f"{size:,}"] = sized
        if console is not None:
            console.print(f"{size:,} passages after {time.perf_counter() - began:,.0f} s", style="dim")
    base.close()
    return results, moves.realism


def _clear(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        if not (folder / "news.db").is_file():
            raise StoreError(f"{folder}: holds something that is not an archive; it is not replaced")
        shutil.rmtree(folder)


def _grown(folder: Path, base: Archive, found: Sequence[Entry], moves: Differences, size: int) -> tuple[float, float]:
    config = ArchiveConfig(store=StoreConfig(directory=folder))
    archive = open_archive(config, now=datetime.now(UTC), encoder=base.encoder)
    began = time.perf_counter()
    grow(archive, found, moves, passages=size)
    grown = time.perf_counter()
    archive.rebuild()
    rebuilt = time.perf_counter()
    archive.close()
    return grown - began, rebuilt - grown


def _in_a_process(folder: Path, questions: Sequence[str], runs: int) -> Sized:
    asked = folder / "questions.json"
    asked.write_text(json.dumps(list(questions)))
    command = [sys.executable, "-m", "bench.growth_child", str(folder), str(asked), str(runs)]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    sized: Sized = json.loads(done.stdout.splitlines()[-1])
    return sized


def ratio(sized: Sized, line: str) -> tuple[float, float, float]:
    """Return a line's ratio to the encoding of the same run: the median of all runs, the lowest, the highest."""
    ratios = [sized[line][run] / sized["encode"][run] for run in sized[line]]
    return statistics.median(ratios), min(ratios), max(ratios)


def show(console: Console, results: Mapping[str, Sized], realism: Mapping[str, float]) -> None:
    """Print every figure: a line a measure, a column a size."""
    times = Table("ms, median of runs (lowest–highest)", title="whole answers and their parts")
    ratios = Table("share of the question's own encoding", title="the same as ratios")
    rest = Table("measure", title="archive, and recall@10 against exact search")
    for table in (times, ratios, rest):
        for size in results:
            table.add_column(size, justify="right")
    for line in _LINES:
        runs = [list(sized[line].values()) for sized in results.values()]
        times.add_row(line, *(f"{statistics.median(one):.2f} ({min(one):.2f}–{max(one):.2f})" for one in runs))
        spread = [ratio(sized, line) for sized in results.values()]
        ratios.add_row(line, *(f"{middle:.2f} ({low:.2f}–{high:.2f})" for middle, low, high in spread))
    tails = [_tail(sized) for sized in results.values()]
    ratios.add_row("whole p99 / whole p50", *(f"{tail:.2f}" for tail in tails))
    for name in next(iter(results.values()))["archive"]:
        rest.add_row(name, *(f"{sized['archive'].get(name, 0.0):,.0f}" for sized in results.values()))
    for name in next(iter(results.values()))["recall"]:
        rest.add_row(f"recall@10, {name}", *(f"{sized['recall'][name]:.4f}" for sized in results.values()))
    for table in (times, ratios, rest):
        console.print(table)
    view = Table("how realistic the made vectors are", "value")
    for name, value in realism.items():
        view.add_row(name, f"{value:.3f}")
    console.print(view)


def _tail(sized: Sized) -> float:
    return statistics.median(sized["whole p99"][run] / sized["whole p50"][run] for run in sized["whole p50"])


def draw(results: Mapping[str, Sized], folder: Path) -> tuple[Path, Path]:
    """Draw the growth of times and of memory and files."""
    import matplotlib.pyplot as plt

    folder.mkdir(parents=True, exist_ok=True)
    sizes = [sized["archive"]["passages"] for sized in results.values()]
    paths = folder / "growth-time.png", folder / "growth-size.png"
    for path, label, lines in (
        (paths[0], "milliseconds", _time_lines(results)),
        (paths[1], "MB", _size_lines(results)),
    ):
        figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
        _plot(axes, sizes, lines)
        figure.legend(fontsize="small", loc="outside right upper")
        axes.set(xscale="log", yscale="log", xlabel="passages", ylabel=label)
        axes.set_xticks(sizes, [f"{size:,.0f}" for size in sizes])
        axes.minorticks_off()
        figure.savefig(path, dpi=110)
        plt.close(figure)
    return paths


def _time_lines(results: Mapping[str, Sized]) -> dict[str, list[float]]:
    lines = ("whole p99", "whole p50", *STAGES)
    return {line: [statistics.median(sized[line].values()) for sized in results.values()] for line in lines}


def _size_lines(results: Mapping[str, Sized]) -> dict[str, list[float]]:
    names = [name for name in ("own MB", "mapped MB", "snapshot MB") if name in next(iter(results.values()))["archive"]]
    return {name: [sized["archive"][name] for sized in results.values()] for name in names}


def _plot(axes: "Axes", sizes: Sequence[float], lines: Mapping[str, Sequence[float]]) -> None:
    for name, values in lines.items():
        axes.plot(sizes, [max(value, 1e-2) for value in values], marker="o", label=name)
    axes.grid(visible=True, alpha=0.3)
