"""Query -> candidates (dense and full text, inside the scope) -> rank -> excerpts -> Answer, or an honest none."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from index import excerpt, rank
from index.evidence import Asked, Candidate, asked, gather
from index.store import Store, to_us
from index.sync import Follower
from index.terms import Term, content_words, match_expression, weigh
from index.types import Answer, AsOf, Citation, Excerpt, Nearest, Query, Revision, Span, Status
from index.vectors.ports import Ids, Vectors
from index.weights import Weights, shipped

logger = logging.getLogger(__name__)

EXCERPTS = 3
_DENSE_LIMIT = 60
_MATCH_LIMIT = 60
_CANDIDATES = 24
_POSTINGS_BUDGET = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a query may see: a mask over the columns, the moment that counts as now, the live blogs chosen."""

    mask: NDArray[np.bool_]
    now: datetime
    live_blogs: tuple[int, ...] | None


class Search:
    """Answers queries from a store and the follower of its changes."""

    def __init__(
        self, store: Store, follower: Follower, *, abstain_below: float | None = None, weights: Weights | None = None
    ) -> None:
        """Take what to search in; `abstain_below` and `weights` override what is shipped."""
        self._store = store
        self._follower = follower
        self._weights = weights or shipped()
        self._abstain_below = self._weights.abstain_below if abstain_below is None else abstain_below

    def answer(self, query: Query, vector: Vectors) -> Answer:
        """Answer a query whose text is encoded as `vector` (d,)."""
        scope = self._scope(query)
        question, ranked = self.ranked(query, vector, scope)
        sure = rank.confidence(question, ranked, self._weights)
        answered = bool(ranked) and sure >= self._abstain_below
        excerpts = self._excerpts(ranked[:EXCERPTS]) if answered else ()
        newest = self._newest(scope)
        return Answer(
            query=query,
            status=Status.ANSWERED if excerpts else Status.ABSTAINED,
            confidence=sure,
            as_of=self._as_of(newest),
            excerpts=excerpts,
            nearest=tuple(
                Nearest(citation=r.evidence.candidate.citation, score=r.score) for r in ranked[: query.limit]
            ),
            newest=newest,
        )

    def latest(self, query: Query, vector: Vectors | None, limit: int) -> Answer:
        """Show the newest updates; with a vector, those of them that are about the query's text."""
        scope = self._scope(query)
        columns = self._follower.columns
        if vector is None:
            newest_first = np.argsort(-columns.published[scope.mask], kind="stable")
            order = columns.updates[scope.mask][newest_first]
            chosen = list(dict.fromkeys(order.tolist()))[:limit]
            candidates = self._load(chosen, scope, None)
        else:
            _, ranked = self.ranked(query, vector, scope)
            sound = [one.evidence.candidate for one in ranked if one.score >= 0.6 * ranked[0].score]
            candidates = sorted(sound, key=lambda one: one.citation.published_at, reverse=True)[:limit]
        excerpts = tuple(self._quote(one, excerpt.opening(one), 1.0) for one in candidates)
        newest = self._newest(scope)
        return Answer(
            query=query,
            status=Status.ANSWERED if excerpts else Status.ABSTAINED,
            confidence=1.0 if excerpts else 0.0,
            as_of=self._as_of(newest),
            excerpts=excerpts,
            newest=newest,
        )

    def ranked(self, query: Query, vector: Vectors, scope: Scope | None = None) -> tuple[Asked, list[rank.Ranked]]:
        """Return the question as evidence is looked for, and the candidates in order."""
        scope = scope or self._scope(query)
        terms = self._terms(query)
        question = asked(query.text, terms)
        candidates = self._candidates(query, vector, terms, scope)
        return question, rank.rank([gather(candidate, question) for candidate in candidates], self._weights)

    def _scope(self, query: Query) -> Scope:
        now = min(query.now, query.as_of) if query.as_of else query.now
        live_blogs = None if query.live_blog is None else self._store.live_blog_numbers(query.live_blog)
        since = until = None
        if query.scope is not None and query.scope_strict:
            since, until = query.scope.since, query.scope.until
        mask = self._follower.select(
            now_us=to_us(now),
            since_us=None if since is None else to_us(since),
            until_us=None if until is None else to_us(until),
            live_blogs=live_blogs,
        )
        return Scope(mask=mask, now=now, live_blogs=live_blogs)

    def _terms(self, query: Query) -> tuple[Term, ...]:
        frequencies = self._store.document_frequency(content_words(query.text))
        return weigh(query.text, frequencies, len(self._follower.columns.ids))

    def _candidates(self, query: Query, vector: Vectors, terms: tuple[Term, ...], scope: Scope) -> list[Candidate]:
        """Fuse the two retrievers' passages and load the updates they belong to."""
        ids, similarities = self._follower.nearest(vector, _DENSE_LIMIT, scope.mask)
        dense = dict(zip(ids.tolist(), similarities.tolist(), strict=True))
        lexical = self._match(terms, scope)
        top_dense, top_lexical = max(dense.values(), default=1.0), max(lexical.values(), default=1.0)
        fused: dict[int, float] = {}
        for passage in dense.keys() | lexical.keys():
            score = dense.get(passage, 0.0) / max(top_dense, 1e-6) + lexical.get(passage, 0.0) / max(top_lexical, 1e-6)
            update = int(self._follower.columns.updates[self._place(passage)])
            fused[update] = max(fused.get(update, 0.0), score)
        chosen = sorted(fused, key=lambda update: (-fused[update], update))[:_CANDIDATES]
        return self._load(chosen, scope, vector)

    def _match(self, terms: tuple[Term, ...], scope: Scope) -> dict[int, float]:
        expression = match_expression(terms, budget=_POSTINGS_BUDGET, live_blogs=scope.live_blogs or ())
        if not expression or not scope.mask.any():
            return {}
        visible = self._follower.columns.ids[scope.mask]
        narrow = len(visible) <= len(scope.mask) // 4
        among = visible.tolist() if narrow and scope.live_blogs is None else None
        hits = self._store.match(expression, _MATCH_LIMIT if narrow else 2 * _MATCH_LIMIT, among)
        return {hit.passage_id: hit.score for hit in hits if self._is_visible(hit.passage_id, scope)}

    def _is_visible(self, passage: int, scope: Scope) -> bool:
        place = self._place(passage)
        known = place < len(self._follower.columns.ids) and self._follower.columns.ids[place] == passage
        return bool(known and scope.mask[place])

    def _place(self, passage: int) -> int:
        return int(np.searchsorted(self._follower.columns.ids, passage))

    def _load(self, updates: Sequence[int], scope: Scope, vector: Vectors | None) -> list[Candidate]:
        """Load the revision that stood of each update, with its passages' similarities, in the order given."""
        columns = self._follower.columns
        places = np.flatnonzero(scope.mask & np.isin(columns.updates, np.array(updates, np.int64)))
        ids: Ids = columns.ids[places]
        similarities = np.zeros(len(ids)) if vector is None else self._follower.similarities(vector, ids)
        passages = self._store.passages(ids.tolist())
        by_update: dict[int, list[tuple[Span, float]]] = {}
        numbers: dict[int, int] = {}
        for no, similarity in zip(ids.tolist(), similarities.tolist(), strict=True):
            passage = passages[no]
            by_update.setdefault(passage.update_no, []).append((passage.span, similarity))
            numbers[passage.update_no] = passage.revision
        loaded = self._store.revisions(numbers.items())
        candidates = []
        for update in updates:
            if update in numbers:
                revision, citation = loaded[update, numbers[update]]
                spans, scores = zip(*by_update[update], strict=True)
                candidates.append(Candidate(revision=revision, citation=citation, spans=spans, similarities=scores))
        return candidates

    def _excerpts(self, ranked: Sequence[rank.Ranked]) -> tuple[Excerpt, ...]:
        quotes = (self._quote(one.evidence.candidate, excerpt.choose(one), one.score) for one in ranked)
        return tuple(quote for quote in quotes if self._is_verbatim(quote))

    def _quote(self, candidate: Candidate, span: Span, score: float) -> Excerpt:
        text = candidate.revision.text[span.start : span.end]
        return Excerpt(text=text, span=span, citation=candidate.citation, score=score)

    def _is_verbatim(self, quote: Excerpt) -> bool:
        """Check, against the store and not against what we loaded, that a quote stands where it says."""
        wanted = (quote.citation.update_no, quote.citation.revision)
        stored: Revision = self._store.revisions([wanted])[wanted][0]
        if quote.text and stored.text[quote.span.start : quote.span.end] == quote.text:
            return True
        logger.error("quote not in its revision update=%d revision=%d", *wanted)
        return False

    def _newest(self, scope: Scope) -> Citation | None:
        """Return the newest update that is visible at `now`, whatever the time scope."""
        seen = self._follower.select(now_us=to_us(scope.now), since_us=None, until_us=None, live_blogs=scope.live_blogs)
        if not seen.any():
            return None
        columns = self._follower.columns
        place = int(np.flatnonzero(seen)[np.argmax(columns.published[seen])])
        passage = self._store.passages([int(columns.ids[place])])[int(columns.ids[place])]
        return self._store.revisions([(passage.update_no, passage.revision)])[passage.update_no, passage.revision][1]

    def _as_of(self, newest: Citation | None) -> AsOf:
        if newest is None:
            return AsOf(newest_published_at=None, last_checked_at=self._store.last_checked_at())
        return AsOf(
            newest_published_at=newest.published_at,
            newest_precision=newest.time_precision,
            last_checked_at=self._store.last_checked_at(),
        )
