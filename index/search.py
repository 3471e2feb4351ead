"""Query -> candidates (dense and full text, inside the scope) -> rank -> excerpts -> Answer, or an honest none."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import assert_never

import numpy as np

from index import excerpt, rank, rerank, shown, statements
from index.asked import Asked, asked
from index.columns import count_different, first_different
from index.evidence import Candidate, gather_all
from index.expect import Expectation
from index.moments import may_lie_outside
from index.retrievers import Retrievers, Scope
from index.rows import to_us
from index.store import Store
from index.sync import Follower
from index.types import Answer, AsOf, Citation, Excerpt, Intent, Kind, Nearest, Query, Span, Status, TimeScope
from index.vectors.ports import Vectors
from index.weights import Weights, shipped

logger = logging.getLogger(__name__)

_ON_TOPIC = 0.5
_OUT_OF_SCOPE = 0.4


class Search:
    """Answers queries from a store and the follower of its changes."""

    def __init__(
        self,
        store: Store,
        follower: Follower,
        encode: Callable[[str], Vectors],
        *,
        abstain_below: float | None = None,
        weights: Weights | None = None,
        reread: Callable[[str, Sequence[rank.Ranked]], list[rank.Ranked]] | None = None,
    ) -> None:
        """Take what to search in; `abstain_below` and `weights` override what is shipped.

        `encode` gives the vector (d,) of a question, for the few that need a second search;
        `reread` orders updates anew for a question, where there is a reranker.
        """
        self._store = store
        self._follower = follower
        self.retrievers = Retrievers(store, follower)
        self._encode = encode
        self._weights = weights or shipped()
        self._reread = reread
        self._abstain_below = self._weights.abstain_below if abstain_below is None else abstain_below

    def answer(self, query: Query, vector: Vectors, *, also: frozenset[int] = frozenset()) -> Answer:
        """Answer a query whose text is encoded as `vector` (d,).

        `also`: updates of the scope that are read too, however many others are as near.
        """
        query = self._anchored(query)
        scope = self.retrievers.scope(query)
        if self._is_silent(query, scope):
            return self._nothing_then(query, scope, vector)
        question, ranked = self.ranked(query, vector, scope, also)
        if query.intent is Intent.CATCH_UP or not question.terms:
            return self._newest_updates(query, scope, question, ranked)
        sure = self._confidence(question, ranked)
        ordered = self._ordered(query, question, ranked)
        chosen = shown.choose(query, question, ordered) if sure >= self._abstain_below else shown.Shown()
        quotes = self._excerpts(question, query, chosen)
        return replace(self._reply(query, scope, sure, quotes, _nearest(ordered)), more=chosen.left)

    def latest(self, query: Query, vector: Vectors | None, limit: int) -> Answer:
        """Show the newest updates; with a vector, those of them that are about the query's text."""
        scope = self.retrievers.scope(query)
        if vector is None:
            return self._newest_updates(query, scope, asked("", ()), [], limit)
        question, ranked = self.ranked(query, vector, scope)
        return self._newest_updates(query, scope, question, ranked, limit)

    def on_topic(self, query: Query, vector: Vectors, updates: Sequence[int]) -> tuple[int, ...]:
        """Return those of these updates that are about a query's text, best first; none where that is not sure.

        All of them, as they stand, where the text has no content word.
        """
        scope = self.retrievers.scope(query)
        among = np.isin(self._follower.columns.updates, np.array(updates, np.int64))
        question, ranked = self.ranked(query, vector, replace(scope, mask=scope.mask & among))
        if not question.terms:
            return tuple(updates)
        if self._confidence(question, ranked) < self._abstain_below:
            return ()
        sound = (one for one in ranked if one.score >= _ON_TOPIC * ranked[0].score)
        return tuple(one.evidence.candidate.revision.update_no for one in sound)

    def ranked(
        self, query: Query, vector: Vectors, scope: Scope | None = None, also: frozenset[int] = frozenset()
    ) -> tuple[Asked, list[rank.Ranked]]:
        """Return the question as evidence is looked for, and the candidates in order."""
        scope = scope or self.retrievers.scope(query)
        terms = self.retrievers.terms(query)
        question = asked(query.text, terms)
        candidates = self.retrievers.candidates(vector, terms, scope, also)
        ranked = rank.rank(gather_all([one for one in candidates if one.spans], question), self._weights)
        ranked = _preferred(query, ranked)
        if self._reread is not None and terms:
            ranked = _preferred(query, self._reread(query.text, ranked))
        return question, ranked

    def _confidence(self, question: Asked, ranked: Sequence[rank.Ranked]) -> float:
        return rank.confidence(question, ranked, rerank.informed(self._weights, ranked))

    def _ordered(self, query: Query, question: Asked, ranked: list[rank.Ranked]) -> list[rank.Ranked]:
        """Apply what the intent says of time to the order of relevance."""
        match query.intent:
            case Intent.LATEST:
                return statements.newest_first(question, ranked)
            case Intent.FIGURE:
                same = statements.same_fact(question, ranked)
                return sorted(same, key=statements.latest_published) + [one for one in ranked if one not in same]
            case Intent.FACT | Intent.CATCH_UP:
                return statements.corrections_first(question, _inside_first(query, question, ranked))
            case _:
                assert_never(query.intent)

    def _is_silent(self, query: Query, scope: Scope) -> bool:
        """Tell whether nothing was published in the query's time; nor since, where the time may be the event's."""
        if query.scope is None or query.scope_strict:
            return query.scope is not None and not scope.mask.any()
        if query.scope.since is None:
            return False
        since = TimeScope(since=query.scope.since)
        return not self.retrievers.scope(replace(query, scope=since, scope_strict=True)).mask.any()

    def _nothing_then(self, query: Query, scope: Scope, vector: Vectors) -> Answer:
        """Abstain where nothing was published in the query's time; what came near stands outside of it."""
        anytime = replace(query, scope=None)
        everything = self.retrievers.scope(anytime)
        question, ranked = self.ranked(anytime, vector, everything)
        if query.intent is Intent.CATCH_UP or not question.terms:
            near = self._closest(query, everything)
        else:
            near = _nearest(ranked)
        return replace(self._reply(query, scope, 0.0, (), near), scope_empty=True)

    def _closest(self, query: Query, scope: Scope) -> tuple[Nearest, ...]:
        """Return the updates that were published nearest to the query's time."""
        published = self._follower.columns.published[scope.mask]
        away = np.zeros_like(published)
        if query.scope is not None and query.scope.since is not None:
            away = np.maximum(away, to_us(query.scope.since) - published)
        if query.scope is not None and query.scope.until is not None:
            away = np.maximum(away, published - to_us(query.scope.until))
        closest = first_different(self._follower.columns.updates[scope.mask], away, query.limit)
        return tuple(Nearest(citation=one.citation, score=0.0) for one in self.retrievers.load(closest, scope))

    def _newest_updates(
        self, query: Query, scope: Scope, question: Asked, ranked: list[rank.Ranked], limit: int = shown.EXCERPTS
    ) -> Answer:
        """Show the newest updates in scope, key points first; of a topic, where the query has content words.

        What is known by its day alone comes last where the query's time is shorter than a day.
        """
        if question.terms:
            sound = [one for one in ranked if one.score >= _ON_TOPIC * ranked[0].score]
            sure = self._confidence(question, ranked)
            if sure < self._abstain_below:
                return self._reply(query, scope, sure, (), _nearest(ranked))
            candidates = [one.evidence.candidate for one in sound]
            count = len(candidates)
        else:
            columns = self._follower.columns
            updates, most = columns.updates[scope.mask], 4 * limit + len(query.leave_out)
            new = columns.published[scope.mask]
            for no, edit in scope.edited.items():
                new[updates == no] = edit.at_us
            candidates = self.retrievers.load(first_different(updates, -new, most), scope)
            count = count_different(updates)
        known = [one for one in candidates if one.citation.update_id in query.leave_out]
        candidates = [one for one in candidates if one not in known]
        candidates.sort(key=lambda one: _new_at(scope, one), reverse=True)
        candidates.sort(key=lambda one: one.revision.kind is not Kind.KEY_POINT)
        candidates.sort(key=lambda one: may_lie_outside(query.scope, one.citation, zone=query.zone, now=query.now))
        quotes = tuple(self._quote(one, _news_of(scope, one), 1.0) for one in candidates[:limit])
        excerpts = self._verbatim(quotes)
        near = _nearest(ranked) or tuple(Nearest(citation=quote.citation, score=quote.score) for quote in excerpts)
        answer = self._reply(query, scope, 1.0 if excerpts else 0.0, excerpts, near)
        return replace(answer, more=max(0, count - len(known) - len(excerpts)))

    def _reply(
        self,
        query: Query,
        scope: Scope,
        confidence: float,
        excerpts: tuple[Excerpt, ...],
        near: Sequence[Nearest],
    ) -> Answer:
        newest = self.retrievers.newest(scope)
        near = [one for one in near if one.citation.update_id not in query.leave_out]
        return Answer(
            query=query,
            status=Status.ANSWERED if excerpts else Status.ABSTAINED,
            confidence=confidence,
            as_of=self._as_of(newest),
            excerpts=excerpts,
            nearest=tuple(near[: query.limit]),
            newest=newest,
        )

    def _anchored(self, query: Query) -> Query:
        """Turn "before the vote" into a scope that ends when the vote was told of; leave it where none is found."""
        if not query.anchor:
            return query
        event = replace(query, text=query.anchor, anchor="", anchor_side="", scope=None)
        question, ranked = self.ranked(event, self._encode(query.anchor))
        if not ranked or self._confidence(question, ranked) < self._abstain_below:
            return query
        at = statements.published(ranked[0])
        phrase = f"{query.anchor_side} {query.anchor}"
        if query.anchor_side == "before":
            return replace(query, scope=TimeScope(until=at, phrase=phrase))
        return replace(query, scope=TimeScope(since=at, phrase=phrase))

    def _excerpts(self, question: Asked, query: Query, chosen: shown.Shown) -> tuple[Excerpt, ...]:
        quotes = [
            self._quote(one.evidence.candidate, excerpt.choose(one), one.score, label)
            for one, label in zip(chosen.now, shown.labels(query, question, chosen), strict=True)
        ]
        return self._verbatim(quotes)

    def _quote(self, candidate: Candidate, span: Span, score: float, label: str = "") -> Excerpt:
        text = candidate.revision.text[span.start : span.end]
        return Excerpt(text=text, span=span, citation=candidate.citation, score=score, label=label)

    def _verbatim(self, quotes: Sequence[Excerpt]) -> tuple[Excerpt, ...]:
        """Leave out a quote that does not stand where it says: in the store, whatever we loaded."""
        stored = self._store.revisions({_revision_of(quote) for quote in quotes})
        true = []
        for quote in quotes:
            revision, _ = stored[_revision_of(quote)]
            if quote.text and revision.text[quote.span.start : quote.span.end] == quote.text:
                true.append(quote)
            else:
                logger.error("quote not in its revision update=%d revision=%d", *_revision_of(quote))
        return tuple(true)

    def _as_of(self, newest: Citation | None) -> AsOf:
        if newest is None:
            return AsOf(newest_published_at=None, last_checked_at=self._store.last_checked_at())
        return AsOf(
            newest_published_at=newest.published_at,
            newest_precision=newest.time_precision,
            last_checked_at=self._store.last_checked_at(),
        )


def _preferred(query: Query, ranked: list[rank.Ranked]) -> list[rank.Ranked]:
    """Put updates of a time that is meant, but not demanded, first."""
    scope = query.scope
    if scope is None or query.scope_strict:
        return ranked
    return sorted(ranked, key=lambda one: -one.score * (1.0 if _is_within(scope, one) else _OUT_OF_SCOPE))


def _new_at(scope: Scope, one: Candidate) -> int:
    edit = scope.edited.get(one.revision.update_no)
    return edit.at_us if edit else to_us(one.citation.published_at)


def _news_of(scope: Scope, one: Candidate) -> Span:
    edit = scope.edited.get(one.revision.update_no)
    return edit.span if edit else excerpt.opening(one)


def _inside_first(query: Query, question: Asked, ranked: list[rank.Ranked]) -> list[rank.Ranked]:
    """Put the figures of a time that is meant before those of another."""
    if query.scope is None or query.scope_strict or question.kind is not Expectation.COUNT:
        return ranked
    same = statements.same_fact(question, ranked)
    inside = [one for one in same if _is_within(query.scope, one)]
    return inside + [one for one in ranked if one not in inside]


def _revision_of(quote: Excerpt) -> tuple[int, int]:
    return quote.citation.update_no, quote.citation.revision


def _nearest(ranked: Sequence[rank.Ranked]) -> tuple[Nearest, ...]:
    return tuple(Nearest(citation=one.evidence.candidate.citation, score=one.score) for one in ranked)


def _is_within(scope: TimeScope, one: rank.Ranked) -> bool:
    at = statements.published(one)
    return (scope.since is None or at >= scope.since) and (scope.until is None or at < scope.until)
