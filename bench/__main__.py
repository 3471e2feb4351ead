"""`python -m bench`: what the product is measured by. Each figure in the docs stands beside one of these commands."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from bench.data import OUT, ROOT, BenchSet, archive_of, sets
from bench.writing import write
from index.config import ArchiveConfig, SearchConfig

app = typer.Typer(no_args_is_help=True, add_completion=False)
console = Console(width=150)


@app.callback()
def bench() -> None:
    """Measure the product."""


@app.command()
def quality(
    names: Annotated[list[str] | None, typer.Argument(help="Sets; all that are there when none is named.")] = None,
    split: Annotated[str, typer.Option(help="tune, report or all.")] = "report",
    baselines: Annotated[bool, typer.Option(help="Run the three baselines beside the product.")] = True,
    scoped: Annotated[bool, typer.Option(help="Ask within the question's own live blog.")] = False,
    limit: Annotated[int | None, typer.Option(help="Only so many questions of each set.")] = None,
    misses: Annotated[int, typer.Option(help="Print so many of the worst misses in full.")] = 0,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "quality.json",
    against: Annotated[Path | None, typer.Option(help="An earlier run's JSON to compare with.")] = None,
    reranker: Annotated[str, typer.Option(help="A cross-encoder by hub name or folder, as in the config.")] = "",
) -> None:
    """Measure ranking, excerpts, time, staleness and abstention on judged questions."""
    from bench import quality as room

    opener = partial(archive_of, config=ArchiveConfig(search=SearchConfig(reranker=reranker)))

    results = {}
    for chosen in _chosen(names or list(sets())):
        # The two large sets are for tuning throughout: they have no report half of ours.
        half = "all" if chosen.name in ("liveblogs", "passages") else split
        measured = room.measure(chosen, split=half, scoped=scoped, baselines=baselines, limit=limit, opener=opener)
        results[chosen.name], outcomes = measured
        room.show(console, f"{chosen.name} ({half})", results[chosen.name])
        room.show_misses(console, outcomes, misses)
    write(out, results)
    if against is not None:
        room.compare(console, against, out)


@app.command()
def ingest(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="Sets; `sample` by default.")] = None,
    folder: Annotated[Path, typer.Option(help="Where each set gets a fresh archive, under its name.")] = OUT / "ingest",
    limit: Annotated[int | None, typer.Option(help="Only so many questions of each set.")] = None,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "ingest.json",
) -> None:
    """Measure the speed of reading, encoding and answering, the memory, and the place of the right update."""
    from bench import ingest as room

    results = {}
    for chosen in _chosen(names or ["sample"]):
        results[chosen.name] = room.measure(chosen, folder=folder / chosen.name, limit=limit)
        room.show(console, chosen.name, results[chosen.name])
    write(out, results)


@app.command()
def backlog(
    sizes: Annotated[str, typer.Option(help="Passages that wait, with commas.")] = "1000,10000,100000",
    news: Annotated[int, typer.Option(min=1, help="How many updates come meanwhile.")] = 10,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "backlog.json",
) -> None:
    """Bring news and ask while a backlog is encoded: how soon news is found, how long a question waits, what grows."""
    from bench import backlog as room
    from bench import bulk

    results = room.measure(sizes=[int(size) for size in sizes.split(",")], news=news)
    bulk.show(console, "while a backlog is encoded", results)
    write(out, results)


@app.command()
def bulk(
    sizes: Annotated[str, typer.Option(help="Megabytes, with commas.")] = "10,100,1000",
    folder: Annotated[Path, typer.Option(help="Where file and archive are made; five gigabytes.")] = OUT / "bulk",
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "bulk.json",
) -> None:
    """Read and store a file of a gigabyte, kill that half-way and begin again: rate, memory, disk, what is lost."""
    from bench import bulk as room

    results = room.measure(folder, sizes_mb=[float(size) for size in sizes.split(",")], console=console)
    room.show(console, "a file of JSON Lines, killed half-way and begun again", results)
    write(out, results)


@app.command()
def growth(
    name: Annotated[str, typer.Argument(metavar="[SET]", help="What is grown from.")] = "liveblogs",
    sizes: Annotated[str, typer.Option(help="Passages, ascending, with commas.")] = "10000,54000,200000,1000000",
    runs: Annotated[int, typer.Option(help="Runs, each with questions of its own.")] = 5,
    asked: Annotated[int, typer.Option(help="Questions of a run.")] = 200,
    real: Annotated[int, typer.Option(help="Variants that are encoded to learn from.")] = 1024,
    folder: Annotated[Path, typer.Option(help="Where the archive is grown.")] = OUT / "growth",
    pictures: Annotated[Path | None, typer.Option(help="Where the curves are drawn; nowhere unless named.")] = None,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "growth.json",
) -> None:
    """Measure answers, memory, load and recall while an archive grows to a million passages."""
    from bench import growth as room

    for chosen in _chosen([name]):
        steps = [int(size) for size in sizes.split(",")]
        results, realism = room.measure(
            chosen, folder=folder, sizes=steps, runs=runs, asked=asked, real=real, console=console
        )
        room.show(console, results, realism)
        write(out, {"sizes": results, "realism": realism})
        for path in room.draw(results, pictures) if pictures else ():
            console.print(path)


@app.command()
def chats(
    name: Annotated[str, typer.Argument(metavar="[SET]", help="What is read and asked.")] = "sample",
    count: Annotated[int, typer.Option(help="How many chats.")] = 200,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "chats.json",
) -> None:
    """Let many chats ask at once over a strict Telegram: throughput, waiting, lost or doubled answers, memory."""
    from bench import chats as room

    for chosen in _chosen([name]):
        results = room.measure(chosen, chats=count)
        room.show(console, results)
        write(out, results)


@app.command()
def pictures(
    names: Annotated[list[str] | None, typer.Argument(metavar="[PICTURE]...", help="All where none is named.")] = None,
    folder: Annotated[Path, typer.Option(help="Where they go.")] = ROOT / "docs" / "pictures",
) -> None:
    """Take the pictures of docs/telegram.md again; needs Chromium."""
    from bench import pictures as room

    if unknown := set(names or ()) - set(room.SCENES):
        raise typer.BadParameter(f"no picture {min(unknown)!r}; there are {', '.join(room.SCENES)}")
    for path in room.draw(folder, room.pages(names or ())):
        console.print(f"{path} {path.stat().st_size // 1000} kB")


@app.command()
def digests(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="Sets; those of live blogs.")] = None,
    limit: Annotated[int, typer.Option(help="Quotes of a digest.")] = 8,
    stories: Annotated[int | None, typer.Option(help="Only so many live blogs of each set.")] = 60,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "digests.json",
) -> None:
    """Measure what a digest covers of what editors call the key points, and how often it repeats itself."""
    from bench import digest_quality as room

    results = {}
    for chosen in _chosen(names or ["sample", "election", "storm", "seed", "mirror", "guardian", "liveblogs"]):
        results[chosen.name] = room.measure(chosen, limit=limit, stories=stories)
        room.show(console, f"{chosen.name}, {limit} quotes", results[chosen.name])
    write(out, results)


@app.command()
def grading(out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "grading.json") -> None:
    """Measure whether changes that matter are told from those that do not, over pairs of our own."""
    from bench import grading as room

    results = room.measure()
    room.show(console, results)
    write(out, results)


@app.command()
def delivery(
    planned: Annotated[int, typer.Option(help="Digests due in the same minute; 0 to leave that out.")] = 100_000,
    drained: Annotated[int, typer.Option(help="Digests drained against the strict server.")] = 10_000,
    kills: Annotated[int, typer.Option(help="Kills at random moments, over 3,000 digests.")] = 50,
    days: Annotated[int, typer.Option(help="Days of digests to live through, with all that goes wrong in them.")] = 60,
    chats: Annotated[int, typer.Option(help="Chats that live through those days.")] = 300,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "delivery.json",
) -> None:
    """Measure planning and draining of a great many digests, and what kills and two months lose or double."""
    from bench import delivery as room
    from bench import ingest

    results = room.measure(planned=planned, drained=drained, kills=kills, days=days, chats=chats)
    for name, result in results.items():
        ingest.show(console, name, result)
    write(out, results)


@app.command()
def peers(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="`liveblogs` and `passages`.")] = None,
    setup: Annotated[bool, typer.Option("--setup", help="Only make the peers' environments (1.5 GB each).")] = False,
    only: Annotated[list[str] | None, typer.Option(help="Only this package beside ours; may be repeated.")] = None,
    updates: Annotated[int, typer.Option(help="Whole live blogs until there are so many updates; 0 for all.")] = 2_500,
    limit: Annotated[int, typer.Option(help="Only so many questions of each set.")] = 1_500,
    rounds: Annotated[int, typer.Option(help="Slices of updates and of questions, and starts.", min=1)] = 5,
    threads: Annotated[int, typer.Option(help="Of computation, for each system.")] = os.cpu_count() or 1,
    titles: Annotated[bool, typer.Option(help="Give the updates with their titles, to every system.")] = True,
    folder: Annotated[Path, typer.Option(help="For what the systems keep; emptied.")] = OUT / "peers-run",
    out: Annotated[Path, typer.Option(help="Where the JSON goes; the tables in Markdown beside it.")] = OUT
    / "peers.json",
) -> None:
    """Run what people would use instead beside the product: ingest, start, answers, memory, places."""
    from bench.peers import figures, report, systems
    from bench.peers.child import ChildError
    from bench.peers.corpus import TooFewError

    if unknown := set(only or ()) - set(systems.PEERS):
        raise typer.BadParameter(f"no peer {min(unknown)!r}; there are {', '.join(systems.PEERS)}")
    chosen = only or systems.PEERS
    if setup:
        made = [_made(peer) for peer in chosen]
        raise typer.Exit(code=0 if all(made) else 1)
    for peer in systems.missing(chosen):
        console.print(f"{peer}: skipped, it has no environment: python -m bench peers --setup")
    running = systems.ready(chosen)
    tables, written = [], {}
    for turn, one in enumerate(_chosen(names or ["liveblogs", "passages"])):
        size = report.Size(rounds=rounds, updates=updates or None, limit=limit, threads=threads, titles=titles)
        try:
            title, traces = report.measure(
                one, running, folder / one.name, size=size, starts=1 if turn else rounds, tell=console.print
            )
        except TooFewError as error:
            raise typer.BadParameter(str(error)) from error
        except ChildError as error:
            console.print(str(error), markup=False)
            raise typer.Exit(code=1) from error
        report.show(console, title, traces)
        tables.append(report.markdown(title, traces))
        written[title] = {"lines": figures.lines(traces), "rounds": traces}
        write(out, written)
        out.with_suffix(".md").write_text("\n".join(tables), encoding="utf-8")


def _made(peer: str) -> bool:
    """Make a peer's environment, telling what goes on; tell whether it is there now."""
    from bench.peers import systems

    console.print(f"{peer}: its environment, in {systems.ENVIRONMENTS / peer}")
    try:
        console.print(f"{peer}: {'made' if systems.set_up(peer) else 'was there'}")
    except (subprocess.CalledProcessError, OSError) as error:
        console.print(f"{peer}: FAILED, what failed stands above: {error}", markup=False)
        return False
    return True


@app.command()
def alerts(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="Sets; `sample` by default.")] = None,
    watches: Annotated[int, typer.Option(help="How many watches.")] = 10_000,
    updates: Annotated[int, typer.Option(help="Of the newest so many updates, one after the other.")] = 20,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "alerts.json",
) -> None:
    """Measure what it takes to hold a great many watches against one new update."""
    from bench import alerts as room
    from bench import ingest

    results = {}
    for chosen in _chosen(names or ["sample"]):
        results[chosen.name] = room.measure(chosen, watches=watches, updates=updates)
        ingest.show(console, chosen.name, results[chosen.name])


@app.command()
def runtimes(
    names: Annotated[list[str] | None, typer.Argument(metavar="[SET]...", help="Sets; all that are there.")] = None,
    passages: Annotated[int, typer.Option(help="Of a larger set, only so many.")] = 6_000,
    questions: Annotated[int, typer.Option(help="Of a larger set, only so many.")] = 1_000,
    runs: Annotated[int, typer.Option(min=0, help="Rounds of the speed; 0 leaves it out.")] = 5,
    threads: Annotated[int, typer.Option(help="CPU threads; 0: as many as may be used.")] = 0,
    only: Annotated[list[str] | None, typer.Option(help="Only this one beside the base; may be repeated.")] = None,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "runtimes.json",
) -> None:
    """Prove that the runtimes' vectors may stand beside each other, and compare their speed."""
    from bench import runtimes as room

    if unknown := set(only or ()) - set(room.VARIANTS):
        raise typer.BadParameter(f"no runtime {min(unknown)!r}; there are {', '.join(map(repr, room.VARIANTS))}")
    compared = room.encoders(threads, only or list(room.VARIANTS))
    results = {}
    for chosen in _chosen(names or list(sets())):
        read = room.material(chosen, most_passages=passages, most_questions=questions)
        results[chosen.name] = room.parity(read, compared)
        room.show(console, chosen.name, results[chosen.name])
        if runs and chosen.name == next(iter(results)):
            results["speed"] = room.speed(read, compared, runs=runs)
            room.show(console, f"speed on {chosen.name}, {threads or 'all'} threads", results["speed"])
    write(out, results)


@app.command()
def startup(
    archive: Annotated[Path, typer.Option(help="A folder with news.db.")] = OUT / "archives" / "liveblogs",
    light: Annotated[Path, typer.Option(help="The Python of a light install.")] = ROOT / ".venv-light/bin/python",
    runs: Annotated[int, typer.Option(min=1, help="Rounds that count.")] = 5,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "startup.json",
) -> None:
    """Measure cold commands, the first answer of the bot, and memory, in this environment and in the light one."""
    from bench import startup as room

    if not (archive / "news.db").is_file():
        raise typer.BadParameter(f"no archive in {archive}; `bench quality liveblogs` makes one")
    there = light if light.exists() else None
    if there is None:
        console.print(f"light: skipped, no {light}; `make demo LIGHT=1` makes one")
    results = room.measure(archive, room.settings(there), runs=runs)
    room.show(console, str(archive), results)
    write(out, results)


@app.command()
def soak(
    minutes: Annotated[float, typer.Option(min=0.05, help="How long.")] = 60.0,
    out: Annotated[Path, typer.Option(help="Where the JSON goes.")] = OUT / "soak.json",
) -> None:
    """Ask and feed the bot for an hour; print what it holds and how that grows."""
    from bench import soak as room

    results = room.measure(minutes=minutes)
    room.show(console, results)
    write(out, results)


@app.command()
def fit(
    names: Annotated[list[str] | None, typer.Argument(help="Sets to fit on; all that are there when none.")] = None,
    out: Annotated[Path, typer.Option(help="Where the weights go.")] = ROOT / "index" / "weights.json",
) -> None:
    """Fit the weights of ranking, quoting and abstaining on the tuning halves; write them as data."""
    from bench import fit as room

    chosen = [one for name, one in sets().items() if one.is_there() and (not names or name in names)]
    for line in room.fit_all(chosen, out):
        console.print(line)


def _chosen(names: Sequence[str]) -> Iterator[BenchSet]:
    """Give the sets of these names that can be read here; say which cannot."""
    known = sets()
    for name in names:
        if name not in known:
            raise typer.BadParameter(f"no set {name!r}; there are {', '.join(known)}")
        if known[name].is_there():
            yield known[name]
        else:
            console.print(f"{name}: skipped, {known[name].corpus.name} is not here")


@app.command()
def markdown(path: Annotated[Path, typer.Argument(help="What `quality` wrote.")] = OUT / "quality.json") -> None:
    """Print a written run as the Markdown tables of docs/quality.md."""
    from bench import quality as room

    print(room.markdown(path))


@app.command()
def targets(path: Annotated[Path, typer.Argument(help="What `quality` wrote.")] = OUT / "quality.json") -> None:
    """Print a written run beside what was promised, our own sets counted as one."""
    from bench import targets as room

    print(room.table(path))


if __name__ == "__main__":
    # Ended from outside, as by Ctrl-C: what was started meanwhile ends too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    app()
