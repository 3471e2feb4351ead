"""Which updates are about the same matter as one, and which of them correct it: by stored vectors and rare words.

Encodes nothing. The threshold is measured on the samples, see tests/index/test_related.py.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from index import statements
from index.asked import asked
from index.evidence import Candidate, gather
from index.excerpt import opening
from index.rank import Ranked
from index.rows import to_us
from index.store import Store
from index.sync import Follower
from index.terms import stems, weigh
from index.types import Citation, Excerpt, Kind, Revision, Span
from index.vectors.ports import Vectors

# How near two updates are: the best cosine of two passages plus the cosine of their words by rarity. From what on
# they are on the same matter: on the samples, all 33 updates marked as followed up find a follow-up (from .56 on), and
# none of the 24 marked as not followed up finds anything (.55). Of another live blog, other matters reach .95.
SAME_MATTER = 0.56
SAME_MATTER_ELSEWHERE = 1.0
# What is less than this share as near as the nearest is on another matter.
_AS_NEAR = 0.6
# From what on an update that corrects something may correct another: true pairs of the samples reach .66 to 1.2.
CORRECTS = 0.62
_SAME_LIVE_BLOG = 0.1
_NEAREST = 60
_WEIGHED = 16
_PASSAGES = 16
_CORRECTIONS = 8
# A note that an update makes on its own earlier wording corrects no other.
_ON_ITSELF = re.compile(r"\b(?:earlier|previous) version of (?:this|the)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Near:
    """An update that came near another: as it stands, and how near."""

    revision: Revision
    citation: Citation
    score: float


class Related:
    """Finds what belongs together in a store, through the follower of its changes."""

    def __init__(self, store: Store, follower: Follower, encoder_id: str) -> None:
        """Take where to look; `encoder_id` names the vectors."""
        self._store = store
        self._follower = follower
        self._encoder_id = encoder_id

    def since(
        self, update_no: int, *, now: datetime, limit: int, live_blogs: Sequence[int] | None = None
    ) -> tuple[Excerpt, ...]:
        """Return the opening of newer updates on the same matter, newest first, those of its live blog preferred.

        None where nothing is near enough. `live_blogs`: our numbers of those that may be shown, None for all.
        """
        this = self._standing(update_no, now)
        if this is None:
            return ()
        after = self._mask(now, since=this.citation.published_at, live_blogs=live_blogs)
        after &= self._follower.columns.published > to_us(this.citation.published_at)
        near = _on_its_matter(this, self._near(this, now, after))
        near.sort(key=lambda one: -one.score - _SAME_LIVE_BLOG * _is_of_one_live_blog(one, this))
        chosen = sorted(near[:limit], key=lambda one: one.citation.published_at, reverse=True)
        return tuple(opening_excerpt(one.revision, one.citation, one.score) for one in chosen)

    def corrections_of(self, update_no: int, *, now: datetime) -> tuple[Near, ...]:
        """Return the later updates of its source that correct this one, or its corrections, in order of time."""
        found: dict[int, Near] = {}
        corrected = [update_no]
        while corrected:
            for one in self._direct_corrections_of(corrected.pop(), now=now):
                if one.revision.update_no not in found:
                    found[one.revision.update_no] = one
                    corrected.append(one.revision.update_no)
        found.pop(update_no, None)
        return tuple(sorted(found.values(), key=lambda one: one.citation.published_at))

    def _direct_corrections_of(self, update_no: int, *, now: datetime) -> tuple[Near, ...]:
        this = self._standing(update_no, now)
        if this is None:
            return ()
        after = self._mask(now, since=this.citation.published_at, live_blogs=self._of_source(this))
        found = [
            one
            for one in self._near(this, now, after)[:_CORRECTIONS]
            if one.score >= CORRECTS and _corrects(one) and self._corrected(one, now) == update_no
        ]
        return tuple(found)

    def corrected_of(self, update_no: int, *, now: datetime, before: int | None = None) -> tuple[Citation, ...]:
        """Return the earlier update that this one corrects, none where it corrects none that is held.

        `before`: as this one stood before that revision.
        """
        this = self._standing(update_no, now, before)
        number = self._corrected(this, now) if this is not None and _corrects(this) else 0
        found = self._standing(number, now) if number else None
        return () if found is None else (found.citation,)

    def _corrected(self, correction: Near, now: datetime) -> int:
        """Return the number of the earlier update that a correction is nearest to, 0 where none is near enough."""
        before = self._mask(now, since=None, live_blogs=self._of_source(correction))
        before &= self._follower.columns.published <= to_us(correction.citation.published_at)
        near = self._near(correction, now, before)[:1]
        return near[0].citation.update_no if near and near[0].score >= CORRECTS else 0

    def _standing(self, update_no: int, now: datetime, before: int | None = None) -> Near | None:
        """Return an update as it stood last at `now`, or before a revision, also where it was withdrawn since.

        None: nothing stood.
        """
        found = [
            Near(revision=revision, citation=citation, score=1.0)
            for revision, citation in self._store.history(update_no)
            if not revision.withdrawn and (revision.number == 1 or revision.effective_at <= now)
            if before is None or revision.number < before
        ]
        return found[-1] if found and found[-1].citation.published_at <= now else None

    def _of_source(self, one: Near) -> tuple[int, ...]:
        return self._store.live_blogs_of((one.citation.source,))

    def _mask(self, now: datetime, *, since: datetime | None, live_blogs: Sequence[int] | None) -> NDArray[np.bool_]:
        return self._follower.select(
            now_us=to_us(now),
            since_us=None if since is None else to_us(since),
            until_us=None,
            live_blogs=live_blogs,
        )

    def _near(self, this: Near, now: datetime, mask: NDArray[np.bool_]) -> list[Near]:
        """Return the other updates of a mask that are nearest to one, best first."""
        columns = self._follower.columns
        mask = mask & (columns.updates != this.revision.update_no)
        best: dict[int, float] = {}
        for vector in self._vectors(this):
            ids, similarities = self._follower.nearest(vector, _NEAREST, mask)
            updates = columns.updates[self._follower.places(ids)]
            for update, similarity in zip(updates.tolist(), similarities.tolist(), strict=True):
                best[update] = max(best.get(update, -1.0), similarity)
        weighed = sorted(best, key=lambda update: (-best[update], update))[:_WEIGHED]
        loaded = self._store.revisions(self._store.revision_numbers(weighed, now).items())
        found = [Near(revision=one, citation=cited, score=best[no]) for (no, _), (one, cited) in loaded.items()]
        shares = self._shares(this, found)
        found = [replace(one, score=one.score + share) for one, share in zip(found, shares, strict=True)]
        return sorted(found, key=lambda one: (-one.score, one.revision.update_no))

    def _vectors(self, this: Near) -> list[Vectors]:
        """Return the stored vectors of a revision's first passages."""
        rows = {row.id: row for row in self._store.passage_rows(self._encoder_id, [this.revision.update_no])}
        passages = self._store.passages(rows).values()
        own = sorted(passage.id for passage in passages if passage.revision == this.revision.number)
        stored = (rows[no].vector for no in own[:_PASSAGES])
        return [np.frombuffer(vector, "<f4") for vector in stored if vector is not None]

    def _shares(self, this: Near, others: Sequence[Near]) -> list[float]:
        """Return the cosine of the words of each with those of `this`, weighed by how rare they are."""
        texts = [_said(one) for one in (this, *others)]
        frequencies = self._store.document_frequency({stem for text in texts for stem in stems(text)})
        passages = len(self._follower.columns.ids)
        mine, *theirs = [{term.stem: term.weight for term in weigh(text, frequencies, passages)} for text in texts]
        return [_cosine(mine, other) for other in theirs]


def _on_its_matter(this: Near, near: Sequence[Near]) -> list[Near]:
    """Choose what is near enough, of updates that stand in the order of nearness."""
    chosen: list[Near] = []
    for one in near:
        least = SAME_MATTER if _is_of_one_live_blog(one, this) else SAME_MATTER_ELSEWHERE
        if one.score >= max(least, _AS_NEAR * chosen[0].score if chosen else 0.0):
            chosen.append(one)
    return chosen


def excerpt_of(revision: Revision, citation: Citation, span: Span, score: float = 1.0) -> Excerpt:
    """Return a slice of a revision as an excerpt."""
    return Excerpt(text=revision.text[span.start : span.end], span=span, citation=citation, score=score)


def opening_excerpt(revision: Revision, citation: Citation, score: float = 1.0) -> Excerpt:
    """Return the first one or two sentences of an update."""
    return excerpt_of(revision, citation, opening(_candidate(revision, citation)), score)


def _is_of_one_live_blog(one: Near, other: Near) -> bool:
    return (one.citation.source, one.citation.live_blog) == (other.citation.source, other.citation.live_blog)


def _corrects(one: Near) -> bool:
    """Tell whether an update is marked as a correction, or any sentence of it says that it corrects another."""
    if one.revision.kind is Kind.CORRECTION:
        return True
    if one.revision.kind is Kind.KEY_POINT or _ON_ITSELF.search(one.revision.text):
        return False  # a list of key points sums up, and a note on itself is on no other
    evidence = gather(_candidate(one.revision, one.citation), asked("", ()))
    places = range(len(evidence.sentences))
    return any(
        statements.corrects(
            Ranked(evidence=evidence, score=1.0, sentence_scores=tuple(float(n == place) for n in places))
        )
        for place in places
    )


def _candidate(revision: Revision, citation: Citation) -> Candidate:
    return Candidate(revision=revision, citation=citation, spans=(), similarities=())


def _said(one: Near) -> str:
    return f"{one.revision.title}\n{one.revision.text}"


def _cosine(mine: dict[str, float], theirs: dict[str, float]) -> float:
    shared = sum(weight * theirs[stem] for stem, weight in mine.items() if stem in theirs)
    lengths = math.hypot(*mine.values()) * math.hypot(*theirs.values())
    return shared / lengths if lengths else 0.0
