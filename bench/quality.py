"""`python -m bench quality`: how often the right update, the right sentence, the right time, or an honest no."""

import json
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.baselines import baseline
from bench.data import BenchSet, Judgement, archive_of, judgements, title_hash
from bench.measures import Outcome, Share, gold_rank, holds_answer, table
from index.archive import Archive
from index.followup import resolve
from index.question import understand
from index.types import Answer, Query, Status
from index.vectors.ports import Vectors

Answerer = Callable[[Query, Vectors], Answer]
Row = Mapping[str, Share | float | None]


def measure(
    bench_set: BenchSet,
    *,
    split: str,
    scoped: bool,
    baselines: bool,
    limit: int | None = None,
    opener: Callable[[BenchSet], Archive] = archive_of,
) -> tuple[dict[str, Row], list[Outcome]]:
    """Run one set through the product and, where wanted, the three baselines.

    Returns: system -> measure -> value, and the product's outcomes.
    """
    archive = opener(bench_set)
    archive.warm()
    judged = [one for one in _judged(archive, bench_set, scoped) if split in ("all", one.split)][:limit]
    queries = [understand(resolve(one.question)) for one in judged]
    vectors = archive.encoder.encode_queries([query.text for query in queries])
    systems: dict[str, Answerer] = {"dateline": archive.search.answer}
    if baselines:
        systems |= {
            "full text": baseline(archive, 0.0),
            "dense": baseline(archive, 1.0),
            "plain hybrid": baseline(archive, 0.5),
        }
    results: dict[str, Row] = {}
    outcomes: list[Outcome] = []
    for name, answerer in systems.items():
        found = [_outcome(archive, answerer, *asked) for asked in zip(judged, queries, vectors, strict=True)]
        results[name] = table(found, judges_excerpts=bench_set.judges_excerpts)
        outcomes = outcomes or found
    results["dateline"] = {**results["dateline"], "encode ms": _encode_ms(archive, queries[:50])}
    archive.close()
    return results, outcomes


def _judged(archive: Archive, bench_set: BenchSet, scoped: bool) -> list[Judgement]:
    return judgements(bench_set, keys_by_title(archive), scoped_to_stream=scoped)


def keys_by_title(archive: Archive) -> dict[str, str]:
    """Map the hash of each update's title to its key; the last of equal titles wins."""
    archive.follower.catch_up()
    loaded = archive.store.revisions((update, 1) for update in np.unique(archive.follower.columns.updates).tolist())
    return {title_hash(citation.title): citation.update_id for _, citation in loaded.values()}


def _outcome(archive: Archive, answerer: Answerer, judged: Judgement, query: Query, vector: Vectors) -> Outcome:
    began = time.perf_counter()
    answer = answerer(query, vector)
    seconds = time.perf_counter() - began
    wanted = {(quote.citation.update_no, quote.citation.revision) for quote in answer.excerpts}
    stored = archive.store.revisions(wanted)
    verbatim = all(
        stored[quote.citation.update_no, quote.citation.revision][0].text[quote.span.start : quote.span.end]
        == quote.text
        for quote in answer.excerpts
    )
    return Outcome(judgement=judged, answer=answer, verbatim=verbatim, seconds=seconds)


def _encode_ms(archive: Archive, queries: Sequence[Query]) -> float:
    took = []
    for query in queries:
        began = time.perf_counter()
        archive.encoder.encode_queries([query.text])
        took.append(time.perf_counter() - began)
    return statistics.median(took) * 1000


def show(console: Console, title: str, results: Mapping[str, Row]) -> None:
    """Print one set's table: a line a measure, a column a system."""
    view = Table(title=title)
    view.add_column("measure")
    for name in results:
        view.add_column(name, justify="right")
    for measure_name in results["dateline"]:
        cells = [_cell(row.get(measure_name)) for row in results.values()]
        if any(cells):
            view.add_row(measure_name, *cells)
    console.print(view)


def _cell(value: Share | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Share):
        return f"{value.value:.3f} [{value.low:.2f}–{value.high:.2f}] n={value.n}"
    return f"{value:.3f}"


def markdown(path: Path) -> str:
    """Return a written run as Markdown, one table a set: a line a measure, a column a system."""
    parts = []
    for name, systems in json.loads(path.read_text()).items():
        parts += [f"### {name}", "", f"| measure | {' | '.join(systems)} |", f"| --- |{' ---: |' * len(systems)}"]
        for key in systems["dateline"]:
            cells = [_written(row.get(key)) for row in systems.values()]
            if any(cells):
                parts.append(f"| {key} | {' | '.join(cells)} |")
        parts.append("")
    return "\n".join(parts)


def _written(value: float | Mapping[str, float] | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Mapping):
        return f"{value['value']:.3f} ({value['low']:.2f}–{value['high']:.2f}, n={value['n']})"
    return f"{value:.3f}"


def compare(console: Console, before: Path, after: Path) -> None:
    """Print what changed between two written runs, for the product's own column."""
    old, new = json.loads(before.read_text()), json.loads(after.read_text())
    for name in old.keys() & new.keys():
        view = Table("measure", "before", "after", "change", title=name)
        for key, value in new[name]["dateline"].items():
            a, b = (_number(side) for side in (old[name]["dateline"].get(key), value))
            if a is not None and b is not None and a != b:
                view.add_row(key, f"{a:.3f}", f"{b:.3f}", f"{b - a:+.3f}")
        console.print(view)


def _number(value: float | Mapping[str, float] | None) -> float | None:
    return value["value"] if isinstance(value, Mapping) else value


def show_misses(console: Console, outcomes: Sequence[Outcome], most: int) -> None:
    """Print the worst misses in full: what was asked, what was right, what was said."""
    missed = [one for one in outcomes if _is_miss(one)]
    for one in sorted(missed, key=_badness, reverse=True)[:most]:
        judged, answer = one.judgement, one.answer
        previous = judged.question.previous
        console.rule(f"{judged.id} · {judged.kind} · asked {judged.question.now:%Y-%m-%d %H:%M}")
        console.print(f"Q: {(previous.question + ' → ') if previous else ''}{judged.question.text}", markup=False)
        console.print(f"query: {answer.query.text!r} {answer.query.intent} {answer.query.scope}", markup=False)
        console.print(f"right: {sorted(judged.gold)} {judged.answers} · place {gold_rank(one)}", markup=False)
        console.print(f"{answer.status} at {answer.confidence:.2f}", markup=False)
        for quote in answer.excerpts:
            mark = "+" if quote.citation.update_id in judged.gold else "-"
            stale = " STALE" if quote.citation.update_id in judged.stale else ""
            head = f" {mark} {quote.score:.2f} {quote.citation.update_id}{stale} [{quote.citation.title}] {quote.label}"
            console.print(f"{head}\n     {quote.text}", markup=False)


def _is_miss(one: Outcome) -> bool:
    if one.judgement.unanswerable:
        return one.answer.status is Status.ANSWERED
    return gold_rank(one) != 1 or not holds_answer(one, 0)


def _badness(one: Outcome) -> tuple[bool, float]:
    return gold_rank(one) != 1, one.answer.confidence
