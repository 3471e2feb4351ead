"""Which saved questions a new update answers: near ones by one matrix product, then by the same search as asking.

Encodes nothing: a watch brings its vector.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from index.novelty import is_news
from index.question import understand
from index.rows import from_us, to_us
from index.search import Search
from index.store import Store
from index.sync import Follower
from index.terms import content_words, fold, stem
from index.types import Excerpt, Intent, Query, Question, Status
from index.vectors.ports import Vectors

# From what cosine on an update is worth asking about. 98 of 100 questions of our own sets have a right update at least
# this near; of pairs of a question and another update of its live blog 1 in 3 is.
NEAR = 0.25
_MOST_ASKED = 60
# Words that every update answers.
_ANYTHING = frozenset(
    stem(fold(word))
    for word in (
        "news new update updates latest newest story stories event events live blog liveblog headline headlines thing "
        "things anything everything something happen happening happened today now info information breaking "
        "nachrichten neuigkeiten neues meldungen новини новина оновлення новости новость обновления noticias noticia "
        "novedades nouvelles nouvelle actualités actualité infos"
    ).split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """A saved question, or words; `vector` as `Archive.watch_vectors` gave it. The bounds are as in Question."""

    key: str
    text: str
    vector: bytes
    zone: str = "UTC"
    live_blogs: tuple[str, ...] | None = None
    sources: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """A watch, the excerpt that answers it and how sure that is; `at`: when it was to be known."""

    key: str
    excerpt: Excerpt
    confidence: float
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """A watch and the updates near it: it is to be asked about them."""

    key: str
    updates: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Moment:
    """When an update came to be known, as far as its source tells."""

    at: datetime
    update_no: int


class Watches:
    """Holds saved questions against what a store got."""

    def __init__(self, store: Store, follower: Follower, search: Search, encoder_id: str) -> None:
        """Take where to look; `encoder_id` names the vectors."""
        self._store = store
        self._follower = follower
        self._search = search
        self._encoder_id = encoder_id

    def near(self, watches: Sequence[tuple[str, bytes]], updates: Iterable[int], now: datetime) -> tuple[Near, ...]:
        """Return which watches (key, vector) are near which of these updates, in their order: one matrix product.

        Raises: ValueError where a watch's vector is of another encoder.
        """
        numbers, vectors = self._standing(updates, now)
        if not len(numbers) or not watches:
            return ()
        near = _matrix(watches, vectors.shape[1]) @ vectors.T >= NEAR
        return tuple(
            Near(key=watches[place][0], updates=tuple(dict.fromkeys(numbers[near[place]].tolist())))
            for place in np.flatnonzero(near.any(axis=1)).tolist()
        )

    def matches(self, watches: Sequence[Watch], updates: Iterable[int], now: datetime) -> tuple[Match, ...]:
        """Return which of these updates answer which watches at `now`, in the order of the watches.

        Raises: ValueError where a watch's vector is of another encoder.
        """
        by_key = {watch.key: watch for watch in watches}
        found: list[Match] = []
        for one in self.near([(watch.key, watch.vector) for watch in watches], updates, now):
            found += self._answered(by_key[one.key], frozenset(one.updates), now)
        return tuple(found)

    def moments(self, watch: Watch, *, since: datetime, now: datetime) -> tuple[Moment, ...]:
        """Return the moments in [since, now] at which a watch may have fired, in order of time.

        Of very many near updates only the nearest are told.
        """
        columns = self._follower.columns
        at = np.maximum(columns.published, columns.valid_from)
        inside = (at >= to_us(since)) & (at <= to_us(now)) & columns.encoded & self._chosen(watch)
        ids = columns.ids[inside]
        vector = np.frombuffer(watch.vector, "<f4")
        similarities = self._follower.similarities(vector, ids)
        known = list(zip(at[inside].tolist(), columns.updates[inside].tolist(), similarities.tolist(), strict=True))
        asked = sorted((one for one in known if one[2] >= NEAR), key=lambda one: -one[2])[:_MOST_ASKED]
        return tuple(sorted({Moment(at=from_us(moment), update_no=update) for moment, update, _ in asked}))

    def fired(self, watch: Watch, moments: Iterable[Moment]) -> tuple[Match, ...]:
        """Return what would have answered a watch at these moments, be it news or not: one search each."""
        return tuple(found for one in moments for found in self._answered(watch, frozenset([one.update_no]), one.at))

    def _answered(self, watch: Watch, updates: frozenset[int], now: datetime) -> list[Match]:
        """Ask what a watch asks, the newest first; what of the answer is quoted from these updates is a match."""
        if not content_words(watch.text):
            return []  # the newest of everything is what a digest is for
        answer = self._search.answer(_query(watch, now), np.frombuffer(watch.vector, "<f4"), also=updates)
        if answer.status is not Status.ANSWERED:
            return []
        return [
            Match(key=watch.key, excerpt=one, confidence=answer.confidence, at=now)
            for one in answer.excerpts
            if one.citation.update_no in updates
        ]

    def _standing(self, updates: Iterable[int], now: datetime) -> tuple[NDArray[np.int64], Vectors]:
        """Return the update numbers (n,) and vectors (n, d) of the passages that stand at `now`."""
        now_us = to_us(now)
        rows = [
            row
            for row in self._store.passage_rows(self._encoder_id, updates)
            if row.vector is not None and row.valid_from_us <= now_us < row.valid_until_us
        ]
        if not rows:
            return np.empty(0, np.int64), np.empty((0, 0), np.float32)
        vectors = np.frombuffer(b"".join(row.vector or b"" for row in rows), "<f4").reshape(len(rows), -1)
        return np.array([row.update_no for row in rows], np.int64), vectors

    def _chosen(self, watch: Watch) -> NDArray[np.bool_]:
        blogs = self._store.chosen_live_blogs(live_blogs=watch.live_blogs, sources=watch.sources)
        columns = self._follower.columns
        if blogs is None:
            return np.ones(len(columns.ids), np.bool_)
        chosen: NDArray[np.bool_] = np.isin(columns.live_blogs, np.array(blogs, np.int64))
        return chosen


def _matrix(watches: Sequence[tuple[str, bytes]], dimension: int) -> Vectors:
    foreign = next((key for key, vector in watches if len(vector) != 4 * dimension), None)
    if foreign is not None:
        raise ValueError(f"the vector of watch {foreign!r} is of another encoder")
    return np.frombuffer(b"".join(vector for _, vector in watches), "<f4").reshape(len(watches), dimension)


def _query(watch: Watch, now: datetime) -> Query:
    """Understand a watch at `now`: it asks for the newest, whatever time its words name."""
    query = understand(
        Question(text=watch.text, now=now, zone=watch.zone, live_blogs=watch.live_blogs, sources=watch.sources)
    )
    intent = query.intent if query.intent is Intent.CATCH_UP else Intent.LATEST
    return replace(query, intent=intent, scope=None, as_of=None, anchor="", anchor_side="")


def searched(text: str, now: datetime) -> str:
    """Return the words of a watch that are encoded.

    Raises: QuestionError where it is empty.
    """
    return understand(Question(text=text, now=now)).text


def is_vague(text: str, now: datetime) -> bool:
    """Tell whether a watch of these words would fire for anything: they name nothing, or nothing but news itself.

    Raises: QuestionError where they are empty.
    """
    query = understand(Question(text=text, now=now))
    return content_words(query.text).keys() <= _ANYTHING


def news_of(matches: Iterable[Match]) -> tuple[Match, ...]:
    """Return those of matches, in order of time, that tell anything that those before them did not."""
    fired: list[Match] = []
    for one in matches:
        if is_news(one.excerpt, [told.excerpt for told in fired]):
            fired.append(one)
    return tuple(fired)
