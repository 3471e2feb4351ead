"""What a query may see, and the candidates that dense search and full text find in it. Ranks nothing."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from index import spelling
from index.edits import Edit, edited_within
from index.evidence import Candidate
from index.kin import without_people
from index.moments import day_of, may_lie_within
from index.postings import Postings
from index.rows import FOREVER, to_us
from index.store import Store
from index.sync import Follower
from index.terms import Term, affordable, content_words, idf, match_expression, weigh
from index.types import Citation, Intent, Query, TimeScope
from index.vectors.ports import Ids, Mask, Vectors

_DENSE_LIMIT = 60
_MATCH_LIMIT = 60
_CANDIDATES = 24
# Where more than these are about as near as the nearest, some places are the newest's.
_ABOUT_AS_NEAR = 0.85
_NEWEST = 8
# So many passages that hold a term are looked at in all: the rarest terms first, of a common one the newest.
_POSTINGS_BUDGET = 5_000
_TWO_DAYS_US = 2 * 86_400_000_000  # no zone's midnight is further from another's


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a query may see: a mask over the columns, the moment that counts as now, the live blogs chosen.

    `standing`: the same at any time, where the query's time narrows the mask. `edited`: the updates of the mask that
    are older than the query's time, and what was written of them in it.
    """

    mask: Mask
    standing: Mask
    now: datetime
    live_blogs: tuple[int, ...] | None
    edited: Mapping[int, Edit] = field(default_factory=dict)


class Retrievers:
    """Dense search and full text over one store and the follower of its changes."""

    def __init__(self, store: Store, follower: Follower) -> None:
        """Take what to search in."""
        self._store = store
        self._follower = follower
        self._postings = Postings(store, limit=_POSTINGS_BUDGET)

    def _last_passage(self) -> int:
        ids = self._follower.columns.ids
        return int(ids[-1]) if len(ids) else 0

    def scope(self, query: Query) -> Scope:
        """Return what a query may see."""
        now = min(query.now, query.as_of) if query.as_of else query.now
        live_blogs = self._store.chosen_live_blogs(
            live_blog=query.live_blog, live_blogs=query.live_blogs, sources=query.sources
        )
        standing = self._follower.select(now_us=to_us(now), since_us=None, until_us=None, live_blogs=live_blogs)
        mask = standing
        edited: Mapping[int, Edit] = {}
        if query.scope is not None and query.scope_strict:
            mask = standing & self._in_time(query.scope, query.zone)
            if query.intent is Intent.CATCH_UP:
                columns = self._follower.columns
                edited = edited_within(self._store, columns, standing & ~mask, query.scope, now)
                mask |= standing & np.isin(columns.updates, np.array([*edited], np.int64))
        return Scope(mask=mask, standing=standing, now=now, live_blogs=live_blogs, edited=edited)

    def _in_time(self, scope: TimeScope, zone: str) -> Mask:
        """Return a mask of what was published in a scope; of what is known by its day alone, what may have been."""
        columns = self._follower.columns
        since_us = -FOREVER if scope.since is None else to_us(scope.since)
        until_us = FOREVER if scope.until is None else to_us(scope.until)
        mask: Mask = (columns.published >= since_us) & (columns.published < until_us)
        edges = [to_us(edge) for edge in (scope.since, scope.until) if edge is not None]
        days = [day for edge in edges for day in self._store.day_only(edge - _TWO_DAYS_US, edge + _TWO_DAYS_US)]
        inside = {no: may_lie_within(scope, zone, day_of(at)) for no, at in days}
        if inside:
            mask &= ~np.isin(columns.updates, np.array([*inside], np.int64))
            mask |= np.isin(columns.updates, np.array([no for no, may in inside.items() if may], np.int64))
        return mask

    def terms(self, query: Query) -> tuple[Term, ...]:
        """Weigh the content words; one that nobody ever wrote gives way to a known word spelt nearly so."""
        words = content_words(query.text)
        stems = {stem: word for stem, (word, _) in words.items()}
        frequencies = self._postings.frequencies(stems, self._last_passage())
        terms = without_people(weigh(query.text, frequencies, len(self._follower.columns)))
        if all(term.frequency for term in terms):
            return terms
        meant = [term for term in terms if term.frequency or not spelling.is_slip_of_question_word(term.word)]
        return tuple(self._respelt(term) for term in meant)

    def _respelt(self, term: Term) -> Term:
        if term.frequency or not spelling.is_correctable(term.stem) or spelling.is_word(term.word):
            return term
        alike = spelling.alike(term.stem, self._store.known_stems(term.stem[0]))
        known = self._store.document_frequency(alike)
        meant = spelling.nearest(term.stem, known)
        if meant is None:
            return term
        weight = idf(known[meant], len(self._follower.columns))
        return Term(word=meant, stem=meant, weight=weight, frequency=known[meant], name=term.name)

    def candidates(
        self, vector: Vectors, terms: Sequence[Term], scope: Scope, also: frozenset[int] = frozenset()
    ) -> list[Candidate]:
        """Fuse the two retrievers' passages and load the updates they belong to, and those of the scope in `also`."""
        columns, (told, weights) = self._follower.columns, self.lexical(terms, scope)
        places = np.union1d(told, self.dense(vector, scope))
        if not len(places) and not also:
            return []
        # Of very many that are equally near not all are among the nearest; what else is found is as near as it is.
        near = self._follower.similarities(vector, columns.ids[places]).astype(np.float64)
        held = np.zeros(len(places))
        held[np.searchsorted(places, told)] = weights
        scores = near / max(near.max(initial=-1.0), 1e-6) + held / max(held.max(initial=0.0), 1e-6)
        chosen = places[_chosen(scores, columns.updates[places], columns.published[places])]
        others = self._places(also.difference(columns.updates[chosen].tolist()), scope)
        return self._load(np.array([*chosen, *(others[update] for update in sorted(others))], np.int64), vector)

    def dense(self, vector: Vectors, scope: Scope) -> NDArray[np.int64]:
        """Return the places of the passages nearest to a vector, best first."""
        return self._follower.places(self._follower.nearest(vector, _DENSE_LIMIT, scope.mask)[0])

    def lexical(self, terms: Sequence[Term], scope: Scope) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        """Score passages of the scope by the weights of the terms they hold; they are too short to count how often.

        One lookup a term and a sum: the same order as BM25 within the noise, in a third of its time.
        Returns: places and their scores, best first.
        """
        columns = self._follower.columns
        found, weights = [np.empty(0, np.int64)], [np.empty(0)]
        for term in affordable(terms, budget=_POSTINGS_BUDGET) if scope.mask.any() else ():
            places = self._holding(term, scope)
            found.append(places[scope.mask[places]])
            weights.append(np.full(len(found[-1]), term.weight))
        seen, term_places = np.unique(np.concatenate(found), return_inverse=True)
        scores = np.bincount(term_places, np.concatenate(weights), minlength=len(seen)).astype(np.float64)
        best = np.lexsort((-columns.published[seen], -scores))[:_MATCH_LIMIT]
        return seen[best], scores[best]

    def _holding(self, term: Term, scope: Scope) -> NDArray[np.int64]:
        """Return the places of passages that hold a term; of a common one, those of the scope alone are looked up."""
        columns = self._follower.columns
        found = self._postings.of(term, self._last_passage())
        if found is None:
            first, last = int(scope.mask.argmax()), len(columns) - 1 - int(scope.mask[::-1].argmax())
            found = self._store.holding(
                match_expression([term], live_blogs=scope.live_blogs or ()),
                first=int(columns.ids[first]),
                last=int(columns.ids[last]),
                limit=_POSTINGS_BUDGET,
            )
        return columns.places(found[columns.has(found)])

    def load(self, updates: Sequence[int], scope: Scope) -> list[Candidate]:
        """Load the revision that stands in the scope of each update, in the order given; of some none does."""
        place_of = self._places(updates, scope)
        return self._load(np.array([place_of[update] for update in updates if update in place_of], np.int64), None)

    def _places(self, updates: Collection[int], scope: Scope) -> dict[int, int]:
        """Return the place of a passage of each update that stands in the scope."""
        if not updates:
            return {}
        columns, ids = self._follower.columns, np.array(self._store.passage_ids(updates), np.int64)
        places = columns.places(ids[columns.has(ids)])
        places = places[scope.mask[places]]
        return dict(zip(columns.updates[places].tolist(), places.tolist(), strict=True))

    def _load(self, places: NDArray[np.int64], vector: Vectors | None) -> list[Candidate]:
        """Load the revisions that these passages are of, with all their passages' similarities, in the order given."""
        columns = self._follower.columns
        firsts, ends = columns.beside(places)
        every = np.concatenate([np.arange(first, end) for first, end in zip(firsts, ends, strict=True)] or [places])
        similarities = np.zeros(len(every), np.float32)
        if vector is not None:
            similarities = self._follower.similarities(vector, columns.ids[every])
        passages = zip(columns.starts[every].tolist(), columns.ends[every].tolist(), strict=True)
        spans, scores = iter(passages), iter(similarities.tolist())
        keys = list(zip(columns.updates[places].tolist(), columns.revisions[places].tolist(), strict=True))
        loaded = self._store.readings(keys)
        candidates = []
        for key, count in zip(keys, (ends - firsts).tolist(), strict=True):
            revision, citation, reading = loaded[key]
            candidates.append(
                Candidate(
                    revision=revision,
                    citation=citation,
                    spans=tuple(islice(spans, count)),
                    similarities=tuple(islice(scores, count)),
                    reading=reading,
                )
            )
        return candidates

    def newest(self, scope: Scope) -> Citation | None:
        """Return the newest update that is visible at the scope's `now`, whatever the time scope."""
        if not scope.standing.any():
            return None
        columns = self._follower.columns
        place = self._newest_place(scope)
        key = int(columns.updates[place]), int(columns.revisions[place])
        return self._store.readings([key])[key][1]

    def _newest_place(self, scope: Scope) -> int:
        """Return the first place of those published last: by the database's order where that is enough to tell."""
        columns = self._follower.columns
        latest = self._store.newest(until=scope.now, limit=_NEWEST, live_blogs=scope.live_blogs)
        ids = np.array(self._store.passage_ids(latest), np.int64)
        places = columns.places(ids[columns.has(ids)])
        seen = places[scope.standing[places]]
        if len(seen) and (len(latest) < _NEWEST or columns.published[seen].max() > columns.published[places].min()):
            return int(seen[np.argmax(columns.published[seen])])
        seen = np.flatnonzero(scope.standing)
        return int(seen[np.argmax(columns.published[seen])])


def _chosen(scores: NDArray[np.float64], updates: Ids, published: Ids) -> NDArray[np.int64]:
    """Return which passages (n,) stand for the updates that are worth reading, best first: each one's best.

    Of very many that say a figure in the same words the newest must be among them, else a stale one would be told.
    """
    by_update = np.lexsort((-scores, updates))
    best = by_update[np.unique(updates[by_update], return_index=True)[1]]
    ranked = best[np.lexsort((updates[best], -published[best], -scores[best]))]
    as_near = int(np.count_nonzero(scores[ranked] >= _ABOUT_AS_NEAR * scores[ranked[:1]]))
    if as_near <= _CANDIDATES:
        return ranked[:_CANDIDATES]
    first, rest = np.split(ranked[:as_near], [_CANDIDATES - _NEWEST])
    newest = rest[np.lexsort((updates[rest], -published[rest]))]
    return np.concatenate([first, newest[:_NEWEST]])
