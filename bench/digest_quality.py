"""`python -m bench digests`: how much of what editors call the key points a digest holds, and how often it repeats."""

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
from rich.console import Console
from rich.table import Table

from bench.data import BenchSet, archive_of, judgements
from bench.measures import Share, share
from index.archive import Archive
from index.highlights import Window
from index.novelty import overlap
from index.related import opening_excerpt
from index.rows import NewsRow
from index.text import sentences
from index.types import EPOCH, Citation, Excerpt, Kind, Revision
from index.vectors.ports import Vectors

Row = Mapping[str, Share | float | None]
# A key point is held where one quote has this share of its words.
_HELD = 0.5
# An update is covered where a quote is this near to it.
_NEAR = 0.6
_FEWEST_KEY_POINTS = 4
_SEED = 7


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One live blog to be digested: its updates but for the key points, and those, with the updates they sum up."""

    updates: tuple[tuple[Revision, Citation], ...]
    key_points: tuple[str, ...]
    summed_up: tuple[frozenset[str], ...]


def measure(
    bench_set: BenchSet,
    *,
    limit: int,
    stories: int | None = None,
    opener: Callable[[BenchSet], Archive] = archive_of,
) -> dict[str, Row]:
    """Digest every live blog of a set in `limit` quotes, by the product and by three plain ways.

    Key points that the source marks are kept from all of them. Returns: system -> measure -> value.
    """
    archive = opener(bench_set)
    told = _stories(archive, bench_set)
    random.Random(_SEED).shuffle(told)
    told = told[:stories]
    systems: dict[str, Callable[[Story], list[Excerpt]]] = {
        "dateline": lambda story: _ours(archive, story, limit),
        "newest": lambda story: _opened(sorted(story.updates, key=lambda one: one[1].published_at)[-limit:]),
        "longest": lambda story: _opened(sorted(story.updates, key=lambda one: len(one[0].text))[-limit:]),
        "random": lambda story: _opened(random.Random(_SEED).sample(story.updates, min(limit, len(story.updates)))),
    }
    results = {name: _table(archive, told, [digest(story) for story in told]) for name, digest in systems.items()}
    archive.close()
    return results


def _stories(archive: Archive, bench_set: BenchSet) -> list[Story]:
    """Gather live blogs with what their editors summed up: by a list of key points, or by a headline for an update."""
    now = datetime.now(UTC)
    rows = archive.store.seen_between(EPOCH, now, now=now)
    loaded = archive.store.revisions((row.update_no, row.last) for row in rows)
    headlines: dict[str, list[tuple[str, frozenset[str]]]] = {}
    if not bench_set.judges_excerpts:
        for one in judgements(bench_set, {}, scoped_to_stream=True):
            if not one.unanswerable:
                headlines.setdefault(str(one.question.live_blog), []).append((one.question.text, one.gold))
    blogs: dict[int, list[NewsRow]] = {}
    for row in rows:
        blogs.setdefault(row.live_blog_no, []).append(row)
    told = [_story([loaded[row.update_no, row.last] for row in of_blog], headlines) for of_blog in blogs.values()]
    if headlines:
        told = [story for story in told if len(story.key_points) >= _FEWEST_KEY_POINTS]
    return told


def _story(
    found: Sequence[tuple[Revision, Citation]], headlines: Mapping[str, Sequence[tuple[str, frozenset[str]]]]
) -> Story:
    marked = [one for one, _ in found if one.kind is Kind.KEY_POINT]
    points = [(one.text[span.start : span.end], frozenset[str]()) for one in marked for span in sentences(one.text)]
    points += headlines.get(found[0][1].live_blog, ())
    return Story(
        updates=tuple(one for one in found if one[0].kind is not Kind.KEY_POINT and not one[0].withdrawn),
        key_points=tuple(text for text, _ in points),
        summed_up=tuple(gold for _, gold in points),
    )


def _ours(archive: Archive, story: Story, limit: int) -> list[Excerpt]:
    now = datetime.now(UTC)
    kept = [citation.update_no for _, citation in story.updates]
    window = Window(since=EPOCH, until=now)
    found = archive.windows.digest(window, now=now, limit=limit, among=lambda _: kept)
    return [one.excerpt for one in found.highlights]


def _opened(chosen: Sequence[tuple[Revision, Citation]]) -> list[Excerpt]:
    return [opening_excerpt(revision, citation) for revision, citation in chosen]


def _table(archive: Archive, told: Sequence[Story], digests: Sequence[Sequence[Excerpt]]) -> Row:
    held: list[bool] = []
    quoted: list[bool] = []
    near: list[float] = []
    covered: list[bool] = []
    repeated: list[float] = []
    for story, quotes in zip(told, digests, strict=True):
        vectors = archive.encoder.encode_passages([one.text for one in quotes])
        stored = archive.windows.vectors({(one.update_no, one.revision) for _, one in story.updates})
        if len(vectors) and stored:
            covered += ((np.stack(list(stored.values())) @ vectors.T).max(axis=1) >= _NEAR).tolist()
        repeated += _repeated(vectors)
        if story.key_points:
            held += [any(overlap(point, one.text) >= _HELD for one in quotes) for point in story.key_points]
            near += _cosines(archive, story.key_points, vectors).tolist()
        keys = {one.citation.update_id for one in quotes}
        quoted += [not gold.isdisjoint(keys) for gold in story.summed_up if gold]
    everything = [one for quotes in digests for one in quotes]
    return {
        "key points held": share(held),
        "key points' nearest cosine": share(near),
        "summed-up update quoted": share(quoted),
        "updates near a quote": share(covered),
        "redundancy": share(repeated),
        "verbatim": share([_is_verbatim(archive, one) for one in everything]),
        "quotes": float(len(everything)),
        "characters a quote": float(np.mean([len(one.text) for one in everything])) if everything else None,
    }


def _cosines(archive: Archive, texts: Sequence[str], quotes: Vectors) -> Vectors:
    """Return the cosine (n,) of each text with the quote nearest to it."""
    if not texts or not len(quotes):
        return np.zeros(len(texts), np.float32)
    nearest: Vectors = (archive.encoder.encode_passages(list(texts)) @ quotes.T).max(axis=1)
    return nearest


def _repeated(vectors: Vectors) -> list[float]:
    """Return how near each quote is to the quote most like it."""
    if len(vectors) < 2:
        return []
    alike = vectors @ vectors.T
    np.fill_diagonal(alike, -1.0)
    nearest: list[float] = alike.max(axis=1).tolist()
    return nearest


def _is_verbatim(archive: Archive, quote: Excerpt) -> bool:
    key = (quote.citation.update_no, quote.citation.revision)
    stored = archive.store.revisions([key])[key][0]
    return stored.text[quote.span.start : quote.span.end] == quote.text


def show(console: Console, title: str, results: Mapping[str, Row]) -> None:
    """Print one set's table: a line a measure, a column a system."""
    view = Table("measure", *results, title=title)
    for name in results["dateline"]:
        view.add_row(name, *(_cell(row[name]) for row in results.values()))
    console.print(view)


def _cell(value: Share | float | None) -> str:
    if value is None:
        return ""
    if isinstance(value, Share):
        return f"{value.value:.3f} [{value.low:.2f}–{value.high:.2f}] n={value.n}"
    return f"{value:.0f}"
