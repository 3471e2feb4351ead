"""What was first seen in a Window, gathered from the store for `highlights`; and whom later changes affect.

Reads only, encodes nothing.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from index import highlights
from index.grading import Grade, grade_texts, mentions_correction
from index.highlights import Digest, Seen, Window
from index.history import History
from index.related import Related, opening_excerpt
from index.rows import NewsRow
from index.store import Store
from index.types import Citation, Excerpt, Kind, Revision
from index.vectors.ports import Vectors
from index.views import Affected, Aftermath, Cause, Quoted

Among = Callable[[Sequence[int]], Sequence[int]]


class Windows:
    """Looks at a store by when things were first seen."""

    def __init__(self, store: Store, related: Related, history: History, encoder_id: str) -> None:
        """Take where to look; `encoder_id` names the vectors."""
        self._store = store
        self._related = related
        self._history = history
        self._encoder_id = encoder_id

    def digest(
        self,
        window: Window,
        *,
        now: datetime,
        limit: int,
        after: int | None = None,
        live_blogs: Sequence[int] | None = None,
        among: Among | None = None,
        told: Iterable[Quoted] = (),
    ) -> Digest:
        """Choose the highlights of a window; `among` leaves of updates those that are on the reader's topics."""
        rows, seq = self._rows(window, after, now)
        rows = tuple(row for row in rows if live_blogs is None or row.live_blog_no in live_blogs)
        if among is not None:
            chosen = frozenset(among([row.update_no for row in rows]))
            rows = tuple(row for row in rows if row.update_no in chosen)
        if not rows:
            return Digest(window=window, seq=seq)
        sent = self._history.quoted(told)
        return replace(highlights.digest(window, self._seen(rows, sent, now), limit=limit, told=sent), seq=seq)

    def _rows(self, window: Window, after: int | None, now: datetime) -> tuple[tuple[NewsRow, ...], int | None]:
        if after is None:
            return self._store.seen_between(window.since, window.until, now=now), None
        return self._store.seen_after(after, window.until, now=now)

    def _seen(self, rows: Sequence[NewsRow], sent: Sequence[Excerpt], now: datetime) -> list[Seen]:
        """Load what stands of these updates, in order of time, each with what of it was sent last."""
        # Told last, not revised last: what was restored stands as it was quoted first.
        last = {one.citation.update_no: one for one in sent}
        standing = {(row.update_no, row.last) for row in rows}
        quoted = {(one.citation.update_no, one.citation.revision) for one in last.values()}
        loaded = self._store.revisions(standing | quoted)
        vectors = self.vectors(standing)
        found = [
            Seen(
                revision=loaded[key][0],
                citation=loaded[key][1],
                vector=vectors.get(key[0]),
                told=last.get(key[0]),
                before=loaded[key[0], last[key[0]].citation.revision][0].text if key[0] in last else "",
                corrects=self._corrects(*loaded[key], last, now),
            )
            for key in sorted(standing)
        ]
        return sorted(found, key=lambda one: one.citation.published_at)

    def _corrects(
        self, revision: Revision, citation: Citation, sent: dict[int, Excerpt], now: datetime
    ) -> Excerpt | None:
        """Return what was sent of the earlier update that this one corrects."""
        if not sent or not _may_correct(revision):
            return None
        corrected = self._related.corrected_of(citation.update_no, now=now)
        return sent.get(corrected[0].update_no) if corrected else None

    def vectors(self, standing: Iterable[tuple[int, int]]) -> dict[int, Vectors]:
        """Return the mean of the vectors of each of these revisions' passages, as a unit vector, by update."""
        standing = set(standing)
        rows = self._store.passage_rows(self._encoder_id, {no for no, _ in standing})
        passages = self._store.passages(row.id for row in rows)
        sums: dict[int, Vectors] = {}
        for row in rows:
            if row.vector is not None and (row.update_no, passages[row.id].revision) in standing:
                vector = np.frombuffer(row.vector, "<f4")
                sums[row.update_no] = sums[row.update_no] + vector if row.update_no in sums else vector
        return {no: total / max(float(np.linalg.norm(total)), 1e-9) for no, total in sums.items()}

    def affected(self, seq: int | None, *, now: datetime, limit: int | None = None) -> Aftermath:
        """Return what was revised, withdrawn or corrected by a later update since change `seq`; None: nothing yet."""
        if seq is None:
            return Aftermath(affected=(), updates=(), cursor=self._store.last_seq())
        rows, cursor = self._store.news_since(seq, now=now, limit=limit)
        found: list[Affected] = []
        fresh: list[int] = []
        for row in rows:
            history = [one for one in self._store.history(row.update_no) if one[0].number <= row.last]
            changed = _changed(row, history)
            found += [*changed, *self._corrected(row, history, now)]
            says_else = all(one.grade is Grade.MATERIAL for one in changed)
            fresh += [row.update_no] if says_else and not history[-1][0].withdrawn else []
        found.sort(key=lambda one: one.seen_at)
        return Aftermath(affected=tuple(found), updates=tuple(fresh), cursor=cursor)

    def _corrected(self, row: NewsRow, history: Sequence[tuple[Revision, Citation]], now: datetime) -> list[Affected]:
        """Tell which earlier updates one corrects, or has corrected until it was revised or withdrawn."""
        stood = [one for one in history if not one[0].withdrawn]
        if not any(_may_correct(revision) for revision, _ in stood[-2:]):
            return []
        earlier: dict[int, Citation] = {}
        for before in (None, row.first) if row.first > 1 else (None,):
            corrected = self._related.corrected_of(row.update_no, now=now, before=before)
            while corrected and corrected[0].update_no not in earlier:
                earlier[corrected[0].update_no] = corrected[0]
                corrected = self._related.corrected_of(corrected[0].update_no, now=now)
        return [
            Affected(
                citation=citation,
                cause=Cause.CORRECTED,
                since=citation.revision,
                grade=Grade.MATERIAL,
                seen_at=history[-1][0].seen_at,
                by=opening_excerpt(*stood[-1]),
            )
            for citation in earlier.values()
        ]


def _may_correct(revision: Revision) -> bool:
    return revision.kind is Kind.CORRECTION or mentions_correction(f"{revision.title}\n{revision.text}")


def _changed(row: NewsRow, history: Sequence[tuple[Revision, Citation]]) -> list[Affected]:
    """Tell what became of an update since the last text that stood before the first of these revisions."""
    before = [one for one in history if one[0].number < row.first and not one[0].withdrawn]
    if not before:
        return []
    newest, citation = history[-1]
    if newest.withdrawn:
        citation = next(cited for revision, cited in reversed(history) if not revision.withdrawn)
    # One that comes back matters as much as one that goes, be it with the same words.
    is_back = any(one[0].withdrawn for one in history if one[0].number == row.first - 1)
    is_material = newest.withdrawn or is_back
    return [
        Affected(
            citation=citation,
            cause=Cause.WITHDRAWN if newest.withdrawn else Cause.REVISED,
            since=before[-1][0].number,
            grade=Grade.MATERIAL if is_material else grade_texts(before[-1][0].text, newest.text),
            seen_at=newest.seen_at,
        )
    ]
