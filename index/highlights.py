"""From what was first seen in a Window to the excerpts of a Digest: key points, corrections, then what covers it best.

Pure. Updates on one matter give one excerpt, but never where their figures differ without saying so.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from index import glance
from index.grading import Grade, grade, said_anew
from index.novelty import develops, recounts
from index.text import sentences
from index.types import Citation, Excerpt, Kind, Precision, Revision, require_utc
from index.vectors.ports import Vectors
from index.wording import content, counted

_HOUR = timedelta(hours=1)
# Cosine from which on two updates are on one matter, and from which on they repeat each other.
_SAME_MATTER = 0.6
_REPEATS = 0.8
# Nearer than this one update tells another's matter; further, it tells the less of it. How much more the newest counts
# than the oldest, and a full update than a line: all as measured by `python -m bench digests liveblogs`.
_TELLS = 0.8
_OLDEST, _NEWEST = 0.5, 1.5
_FULL_CHARS = 600
_FULL_COUNTS = 2.0
# Share of words from which on a sentence gives a new figure for the same thing.
_SAME_COUNT = 0.5
# Of its matter's longest update, how long the newest must be to stand for it.
_FULL_ENOUGH = 0.5
_MOST_KEY_POINTS = 2
# Share of its live blog's updates in a window, from which on a summary that they came after is overtaken.
_OVERTAKEN = 0.25
# So many updates are weighed against each other: the square of it is what memory holds.
MOST_WEIGHED = 2000


class Role(StrEnum):
    """Why an excerpt stands in a digest."""

    KEY_POINT = "key_point"
    CORRECTION = "correction"
    WITHDRAWN = "withdrawn"
    UPDATE = "update"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Half-open UTC interval [since, until) in which we first saw a revision."""

    since: datetime
    until: datetime

    def __post_init__(self) -> None:
        require_utc("since", self.since)
        require_utc("until", self.until)
        if self.since > self.until:
            raise ValueError(f"window ends before it begins: {self}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Highlight:
    """One excerpt of a digest.

    `revised`: its update was told before and says something else now; `earlier` is then what was told. Of a figure
    that develops, `earlier` is the sentence with its last other value; of a correction, what it corrects. Where the
    role is WITHDRAWN, `excerpt` is what was told and stands no more. `stands_for`: other updates on its matter.
    """

    excerpt: Excerpt
    role: Role = Role.UPDATE
    revised: bool = False
    earlier: Excerpt | None = None
    stands_for: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hour:
    """How many updates of a window were published in the hour that begins at `start`, and how many are quoted."""

    start: datetime
    updates: int
    quoted: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """What a Window is worth telling. `updates`: how many were seen in it that could be told; `left`: those left out.

    `hours`: every hour from the first to the last update whose time is known by the minute, for a picture. `seq`: the
    last change of the archive that it took in, where it was to begin behind one.
    """

    window: Window
    highlights: tuple[Highlight, ...] = ()
    updates: int = 0
    left: int = 0
    hours: tuple[Hour, ...] = ()
    seq: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """An update that got a revision in a window: as it stands now, its vector (d,), what of it was told and corrected.

    `told`: the newest quote that a reader was sent, `before` the text it was sent from. `corrects`: the told quote of
    the earlier update that this one corrects.
    """

    revision: Revision
    citation: Citation
    vector: Vectors | None = None
    told: Excerpt | None = None
    before: str = ""
    corrects: Excerpt | None = None


def digest(window: Window, seen: Sequence[Seen], *, limit: int, told: Sequence[Excerpt] = ()) -> Digest:
    """Choose the highlights of a window, at most `limit`; `told`: what the reader was sent before, of any update."""
    withdrawn = [one for one in seen if one.revision.withdrawn and one.told is not None]
    fresh = [one for one in seen if not one.revision.withdrawn and _is_fresh(one)]
    first = [_withdrawn(one) for one in withdrawn] + [_correction(one) for one in fresh if one.corrects is not None]
    points = [one for one in fresh if one.revision.kind is Kind.KEY_POINT and one.corrects is None]
    rest = [one for one in fresh if one.corrects is None and one.revision.kind not in (Kind.KEY_POINT, Kind.CLOSING)]
    summaries, rest = _summaries(rest, points)
    head = [*_key_points([*points, *summaries]), *first][:limit]
    covering = cover(rest[-MOST_WEIGHED:], limit=limit - len(head), told=told)
    newest_first = sorted(covering, key=lambda one: one.excerpt.citation.published_at, reverse=True)
    chosen = [*head, *newest_first]
    return Digest(
        window=window,
        highlights=tuple(chosen),
        updates=len(fresh) + len(withdrawn),
        left=max(0, len(fresh) + len(withdrawn) - len(chosen)),
        hours=hours([one.citation for one in fresh], {one.excerpt.citation.update_no for one in chosen}),
    )


def _is_fresh(one: Seen) -> bool:
    """Tell whether a reader was not sent this yet, or was sent what no longer holds."""
    if one.told is None:
        return True
    return one.told.citation.revision != one.revision.number and bool(said_anew(one.before, one.revision.text))


def _withdrawn(one: Seen) -> Highlight:
    assert one.told is not None
    return Highlight(excerpt=one.told, role=Role.WITHDRAWN)


def _correction(one: Seen) -> Highlight:
    quote = glance.quoted(one.revision, one.citation, 0)
    return Highlight(excerpt=quote, role=Role.CORRECTION, earlier=one.corrects)


def _key_points(points: Sequence[Seen]) -> list[Highlight]:
    """Quote the newest key points of each live blog, newest first, by as many sentences as are read in one glance."""
    taken: Counter[tuple[str, str]] = Counter()
    found = []
    for one in sorted(points, key=_published, reverse=True):
        taken[_blog(one)] += 1
        if taken[_blog(one)] <= _MOST_KEY_POINTS:
            quote = glance.opening(one.revision, one.citation)
            found.append(_told_again(one, Highlight(excerpt=quote, role=Role.KEY_POINT)))
    return found


def _summaries(rest: Sequence[Seen], points: Sequence[Seen]) -> tuple[list[Seen], list[Seen]]:
    """Tell the newest summary of each live blog that has no key points from all else, which tells it in detail.

    What many updates came after sums up no more: it would stand first with figures long overtaken.
    """
    summing = [one for one in rest if glance.sums_up(one.revision)]
    others = [one for one in rest if not glance.sums_up(one.revision)]
    if not others:
        return [], list(rest)
    newest = {_blog(one): one for one in sorted(summing, key=_published)}
    marked = {_blog(one) for one in points}
    standing = []
    for blog, one in newest.items():
        of_blog = [other for other in others if _blog(other) == blog]
        later = [other for other in of_blog if _published(other) > _published(one)]
        if blog not in marked and len(later) <= _OVERTAKEN * len(of_blog):
            standing.append(one)
    return standing, others


def _blog(one: Seen) -> tuple[str, str]:
    return one.citation.source, one.citation.live_blog


def _published(one: Seen) -> datetime:
    return one.citation.published_at


def cover(seen: Sequence[Seen], *, limit: int, told: Sequence[Excerpt] = ()) -> list[Highlight]:
    """Choose one excerpt for each of the matters that together cover these updates best, the widest first."""
    found = [one for one in seen if one.vector is not None]
    plain = [one for one in seen if one.vector is None]
    if limit <= 0:
        return []
    found = sorted(found, key=lambda one: one.citation.published_at)
    lengths = np.array([len(one.revision.text) for one in found], np.float32)
    worth = np.linspace(_OLDEST, _NEWEST, len(found)) * (1 + _FULL_COUNTS * np.minimum(lengths / _FULL_CHARS, 1))
    alike = _likeness(found)
    chosen: list[Highlight] = []
    for matter in matters(alike, worth, limit):
        members = [found[place] for place in matter]
        chosen.append(_of_matter(members, [*told, *(one.excerpt for one in chosen)]))
    newest = sorted(plain, key=lambda one: one.citation.published_at, reverse=True)
    return [*chosen, *(_of_matter([one], told) for one in newest)][:limit]


def _recounts(text: str, earlier: str) -> bool:
    """Tell whether a text gives another figure for the very thing that an earlier one counted, not for its like.

    "Six were charged" is no new figure for "eleven were arrested", though both are of one riot.
    """
    return develops(text, earlier, least=_SAME_COUNT) and recounts(text, earlier)


def _likeness(seen: Sequence[Seen]) -> NDArray[np.float32]:
    """Return the cosines (n, n); of updates that count the same thing differently, and are not on one count, none."""
    if not seen:
        return np.zeros((0, 0), np.float32)
    vectors = np.stack([one.vector for one in seen if one.vector is not None]).astype(np.float32)
    alike: NDArray[np.float32] = np.clip(vectors @ vectors.T, 0.0, 1.0)
    counts = [counted(one.revision.text) for one in seen]
    for i, j in np.argwhere(np.triu(alike >= _SAME_MATTER, 1)).tolist():
        shared = counts[i].keys() & counts[j].keys()
        if any(counts[i][noun].isdisjoint(counts[j][noun]) for noun in shared) and not _recounts(
            seen[j].revision.text, seen[i].revision.text
        ):
            alike[i, j] = alike[j, i] = 0.0
    return alike


def matters(alike: NDArray[np.float32], worth: NDArray[np.float64], limit: int) -> list[list[int]]:
    """Choose rows that together are nearest to all rows (greedy facility location); each with the rows on its matter.

    The row chosen stands first; `worth` (n,) is by how much each is preferred as the one to choose.
    """
    weights = np.where(alike >= _TELLS, alike, alike * alike)
    covered = np.zeros(len(alike), np.float32)
    chosen: list[int] = []
    while len(chosen) < min(limit, len(alike)):
        gains = np.maximum(weights - covered, 0.0).sum(axis=1) * worth
        if chosen:
            gains[chosen] = -1.0
            gains[alike[chosen].max(axis=0) >= _REPEATS] *= 0.1
        best = int(np.argmax(gains))
        chosen.append(best)
        covered = np.maximum(covered, weights[best])
    if not chosen:
        return []
    nearest = np.asarray(chosen)[np.argmax(alike[chosen], axis=0)]
    return [
        [
            one,
            *(n for n in range(len(alike)) if n not in chosen and nearest[n] == one and alike[one, n] >= _SAME_MATTER),
        ]
        for one in chosen
    ]


def _of_matter(members: Sequence[Seen], told: Sequence[Excerpt]) -> Highlight:
    """Quote the newest of a matter, or the fullest where the newest says little; with its figure's last other value."""
    longest = max(len(one.revision.text) for one in members)
    full = [one for one in members if len(one.revision.text) >= _FULL_ENOUGH * longest]
    chosen = max(full, key=lambda one: (one.citation.published_at, len(one.revision.text)))
    others = [one for one in members if one is not chosen]
    about = Counter(word for one in members for word in content(one.revision.text))
    quote = glance.at_a_glance(chosen.revision, chosen.citation, about)
    found = _told_again(chosen, Highlight(excerpt=quote, stands_for=tuple(one.citation for one in others)))
    if found.earlier is not None:
        return found
    before = [one for one in others if one.citation.published_at < chosen.citation.published_at]
    return replace(found, earlier=_earlier_figure(quote, before, told))


def _told_again(one: Seen, highlight: Highlight) -> Highlight:
    """Mark what was told before, and quote what is new in it."""
    if one.told is None:
        return highlight
    news = said_anew(one.before, one.revision.text)
    places = [n for n, span in enumerate(sentences(one.revision.text)) if span in news]
    moved = grade(one.before, one.revision.text, one.told.span) is Grade.MATERIAL
    found = glance.quoted(one.revision, one.citation, places[0]) if places else highlight.excerpt
    return replace(highlight, excerpt=found, revised=True, earlier=one.told if moved else None)


def _earlier_figure(quote: Excerpt, before: Sequence[Seen], told: Sequence[Excerpt]) -> Excerpt | None:
    """Return the newest earlier sentence that gives another figure for what the quote counts."""
    stated = [
        glance.sliced(one.revision, one.citation, span.start, span.end)
        for one in before
        for span in sentences(one.revision.text)
    ]
    stated += [one for one in told if one.citation.published_at < quote.citation.published_at]
    stated = [one for one in stated if _recounts(quote.text, one.text)]
    return max(stated, key=lambda one: one.citation.published_at, default=None)


def hours(published: Sequence[Citation], quoted: frozenset[int] | set[int]) -> tuple[Hour, ...]:
    """Count updates by the hour of their publication, those quoted apart; silent hours between count none."""
    exact = [one for one in published if one.time_precision is Precision.MINUTE]
    if not exact:
        return ()
    starts = Counter(_hour(one.published_at) for one in exact)
    marked = Counter(_hour(one.published_at) for one in exact if one.update_no in quoted)
    first, last = min(starts), max(starts)
    count = int((last - first) / _HOUR) + 1
    if count > MOST_WEIGHED:
        first, count = last - _HOUR * (MOST_WEIGHED - 1), MOST_WEIGHED
    return tuple(
        Hour(start=start, updates=starts[start], quoted=marked[start])
        for start in (first + _HOUR * n for n in range(count))
    )


def _hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)
